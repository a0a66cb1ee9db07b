"""Parses untrusted files into sections in a sandboxed process, and cuts sections into passages."""
