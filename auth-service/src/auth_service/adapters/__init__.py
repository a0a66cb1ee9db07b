"""Slow or replaceable work: hashing passwords."""
