"""The installed services with a schema, from their packaging metadata."""

from dataclasses import dataclass
from importlib.metadata import entry_points

GROUP = "smartticket.migrations"


@dataclass(frozen=True)
class MigratedService:
    """A service that owns a schema, and the package that holds its migrations."""

    name: str
    schema: str
    migrations: str


def installed_services() -> tuple[MigratedService, ...]:
    """Return the services that installed distributions declare under `smartticket.migrations`, sorted by schema.

    A service's name is that of its package, written with dashes.
    """
    found = {point.name: point.value for point in entry_points(group=GROUP)}
    return tuple(
        MigratedService(package.partition(".")[0].replace("_", "-"), schema, package)
        for schema, package in sorted(found.items())
    )
