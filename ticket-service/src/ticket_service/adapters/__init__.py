"""Clients of other services and of the file storage."""
