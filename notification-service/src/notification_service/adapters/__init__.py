"""Clients of systems outside: the mail server."""
