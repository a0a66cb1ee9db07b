"""Fakes of external services, for tests of this service and of the whole system."""
