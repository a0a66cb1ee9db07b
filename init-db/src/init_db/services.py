"""The services with a schema whose migrations are installed here."""

from dataclasses import dataclass
from importlib.util import find_spec

from smartticket_contracts.services import registry


@dataclass(frozen=True)
class MigratedService:
    """A service that owns a schema, and the package that holds its migrations."""

    name: str
    schema: str
    migrations: str


def installed_services() -> tuple[MigratedService, ...]:
    """Return the services of the registry that own a schema and are installed, sorted by schema."""
    found = [
        MigratedService(service.name, service.schema, f"{service.package}.migrations")
        for service in registry().values()
        if service.schema and find_spec(service.package)
    ]
    return tuple(sorted(found, key=lambda service: service.schema))
