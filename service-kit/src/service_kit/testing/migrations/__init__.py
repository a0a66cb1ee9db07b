"""A schema with the kit's own tables only, for the tests of the kit."""
