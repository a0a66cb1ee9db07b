"""Counting, and telling what was counted."""
