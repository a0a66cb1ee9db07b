"""Decisions about tickets: standard library only, no I/O."""
