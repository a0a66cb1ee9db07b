"""Alembic versions of the schema of this kit's tests."""
