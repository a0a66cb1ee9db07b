"""Asks Claude: a client bounded in time, tries and calls at once, and what belongs to a question put to a paid model.

Nothing here loads the encoder's libraries, and the `anthropic` library itself is loaded by the first call alone.
"""
