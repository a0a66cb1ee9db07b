"""Which services with a schema are installed here: each says so in its packaging metadata."""

from dataclasses import dataclass
from importlib.metadata import entry_points

GROUP = "smartticket.migrations"


@dataclass(frozen=True)
class MigratedService:
    """A service that owns a schema, and the package that holds its migrations."""

    schema: str
    migrations: str

    @property
    def name(self) -> str:
        """Return the service's name: the distribution's package, written with dashes."""
        return self.migrations.partition(".")[0].replace("_", "-")


def installed_services() -> tuple[MigratedService, ...]:
    """Return what the installed distributions declare under `smartticket.migrations`, by schema."""
    found = {point.name: MigratedService(point.name, point.value) for point in entry_points(group=GROUP)}
    return tuple(found[schema] for schema in sorted(found))
