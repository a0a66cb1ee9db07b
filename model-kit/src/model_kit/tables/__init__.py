"""Tables of texts as people export them from other systems: one reader for every command and service."""
