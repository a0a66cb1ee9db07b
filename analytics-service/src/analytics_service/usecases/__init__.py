"""The use cases: counting, queries and rebuilds."""
