"""Imports tickets of another system from a table: reads rows, sends each once, assigns its department."""
