"""Real time: an ASGI application that tells connected clients what has changed, and never a ticket's text."""
