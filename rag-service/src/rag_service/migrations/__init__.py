"""Alembic versions of the schema `rag`."""
