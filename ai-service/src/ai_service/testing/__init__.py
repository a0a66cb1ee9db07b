"""Stand-ins for the outside, for tests of this service and of the whole system."""
