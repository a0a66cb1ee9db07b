"""Slow or outside work: hashing passwords, encryption, one-time codes."""
