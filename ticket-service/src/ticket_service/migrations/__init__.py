"""Alembic versions of the schema `ticket`."""
