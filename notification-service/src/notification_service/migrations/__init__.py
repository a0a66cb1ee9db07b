"""Alembic versions of the schema `notification`."""
