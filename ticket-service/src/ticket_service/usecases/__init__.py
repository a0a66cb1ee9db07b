"""The use cases: one verb and one visible commit each."""
