"""Priorities: proposed by the company's rules, else by the words of the text."""
