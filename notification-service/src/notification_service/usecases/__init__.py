"""The use cases of notifications, for people and consumers."""
