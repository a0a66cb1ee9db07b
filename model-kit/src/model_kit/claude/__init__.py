"""Calls Claude within bounds of time, attempts and concurrency; redacts, delimits and accounts for what is sent.

The package imports none of the encoder's libraries; the first call imports the library `anthropic`.
"""
