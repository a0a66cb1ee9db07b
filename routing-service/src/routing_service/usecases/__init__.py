"""The use cases of routing, for people and consumers."""
