"""Alembic versions of the schema `routing`."""
