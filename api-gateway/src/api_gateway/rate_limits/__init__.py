"""Limits how many requests and logins an address, a user, a company and an account may send."""
