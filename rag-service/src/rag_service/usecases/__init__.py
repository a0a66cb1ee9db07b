"""Use cases of people and events."""
