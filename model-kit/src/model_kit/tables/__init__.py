"""Reads tables of texts that were exported from other systems, for every command and service."""
