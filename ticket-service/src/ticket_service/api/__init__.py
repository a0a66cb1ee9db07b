"""HTTP in: parse, call a use case, format."""
