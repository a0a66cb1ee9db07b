"""Tables and query functions; each takes a session."""
