"""Implementations of the ports: files, vectors, models and other services."""
