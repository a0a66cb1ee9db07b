"""Endpoints that the gateway answers without a service."""
