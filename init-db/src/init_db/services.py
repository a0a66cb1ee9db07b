"""Which services with a schema are installed here: each says so in its packaging metadata."""

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
    """Return what the installed distributions declare under `smartticket.migrations`, by schema.

    A service is named after its package, written with dashes.
    """
    found = {point.name: point.value for point in entry_points(group=GROUP)}
    return tuple(
        MigratedService(package.partition(".")[0].replace("_", "-"), schema, package)
        for schema, package in sorted(found.items())
    )
