"""Requests made out of /openapi.json, by each role: no answer is a 5xx, undocumented, or open to strangers."""
