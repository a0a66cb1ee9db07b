"""What happens to events that fail: policy, retry store, scheduler, dead letters."""
