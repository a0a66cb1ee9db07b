"""All services of Smart Ticket. Besides tests, only this module imports every service."""

from importlib import import_module
from types import ModuleType

from smartticket_contracts.services import registry

SERVICES: dict[str, ModuleType] = {
    name: import_module(f"{service.package}.service") for name, service in registry().items()
}
"""By name, in the order in which they are started: the gateway last."""
