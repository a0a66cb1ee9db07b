"""Slow or outside work: hashing, encryption."""
