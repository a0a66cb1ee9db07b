"""Migrations for the tests of the kit."""
