"""Decisions about who is notified of what, and when; no I/O."""
