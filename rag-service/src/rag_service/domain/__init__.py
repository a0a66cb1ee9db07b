"""Decisions: what a document says, which passages belong to a question, what they support. No I/O."""
