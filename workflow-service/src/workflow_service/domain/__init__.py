"""Decisions about workflows, tasks and business time; no I/O."""
