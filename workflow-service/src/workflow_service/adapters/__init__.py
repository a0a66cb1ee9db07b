"""Clients of systems outside: AMS and BMS."""
