"""Errors at the start name the service that fails."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from service_kit.http.server import PortTaken
from service_kit.runnable import RunnableService
from service_kit.settings import BadSettings
from service_kit.telemetry.logs import service_name
from smartticket_contracts.services import registry


def read_all(
    services: Mapping[str, RunnableService[Any]], mapping_of: Callable[[str], Mapping[str, str]]
) -> dict[str, Any]:
    """Return the settings of all services.

    Raises BadSettings with every fault: with the services that it stops, or without a name where it stops all of them.
    """
    settings: dict[str, Any] = {}
    stopped: dict[str, list[str]] = {}
    for name, service in services.items():
        try:
            settings[name] = service.read_settings(mapping_of(name))
        except BadSettings as error:
            for fault in dict.fromkeys(error.faults):
                stopped.setdefault(fault, []).append(name)
    if stopped:
        everyone = len(services)
        raise BadSettings(
            [fault if len(names) == everyone else f"{', '.join(names)}: {fault}" for fault, names in stopped.items()]
        )
    return settings


@contextmanager
def naming(service: str) -> Iterator[None]:
    """Add a service's name to the errors of its start, and to what it logs meanwhile."""
    before = service_name.set(service)
    try:
        yield
    except BadSettings as error:
        raise BadSettings([f"{service}: {fault}" for fault in error.faults]) from error
    except PortTaken as error:
        setting = registry()[service].port_setting
        raise PortTaken(f"{service}: {str(error).removesuffix('PORT')}{setting}") from error
    except (OSError, ValueError) as error:
        raise ValueError(f"{service}: {error}") from error
    finally:
        service_name.reset(before)
