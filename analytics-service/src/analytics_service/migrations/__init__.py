"""Alembic versions of the schema `analytics`."""
