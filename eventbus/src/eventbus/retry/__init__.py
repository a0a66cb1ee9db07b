"""Handling of failed events: policy, retry store, scheduler, dead letters."""
