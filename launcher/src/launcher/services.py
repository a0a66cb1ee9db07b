"""All services of Smart Ticket. Besides tests, only this module imports every service."""

from importlib import import_module
from typing import Any

from service_kit.runnable import RunnableService
from smartticket_contracts.services import registry

SERVICES: dict[str, RunnableService[Any]] = {
    name: import_module(f"{service.package}.service").SERVICE for name, service in registry().items()
}
"""By name, in the order in which they are started: the gateway last."""
