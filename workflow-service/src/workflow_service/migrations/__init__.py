"""Alembic versions of the schema `workflow`."""
