"""Tables and query functions; each function takes a session."""
