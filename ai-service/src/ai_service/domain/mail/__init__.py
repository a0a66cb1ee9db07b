"""Texts that came as mail: automatic ones, and the part of a reply that its author wrote."""
