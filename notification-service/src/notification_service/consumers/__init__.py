"""Events in: one file per event, each with its own small view."""
