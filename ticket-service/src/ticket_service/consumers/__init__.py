"""Events in: one file per event."""
