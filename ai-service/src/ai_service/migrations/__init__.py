"""Alembic versions of the schema `ai`."""
