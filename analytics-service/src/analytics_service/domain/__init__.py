"""The rules that turn events into figures: standard library only, no I/O."""
