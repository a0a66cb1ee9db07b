"""HTTP in: parse, call, format."""
