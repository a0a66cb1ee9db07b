"""Tickets of another system out of a table: read, sent once each, put where people had them."""
