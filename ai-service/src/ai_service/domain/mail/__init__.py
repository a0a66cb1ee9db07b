"""Texts that came as mail: which part of them the writer wrote."""
