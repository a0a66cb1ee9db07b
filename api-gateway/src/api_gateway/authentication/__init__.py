"""Authenticates callers: access tokens, API keys, revocations, development mode."""
