"""Decisions about routing; no I/O."""
