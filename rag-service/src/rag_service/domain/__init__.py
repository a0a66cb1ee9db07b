"""Decisions: which passages fit a question, whether they answer it, and what they support. No I/O."""
