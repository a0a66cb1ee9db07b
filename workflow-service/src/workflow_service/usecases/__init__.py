"""The use cases of workflows and tasks, for people and consumers."""
