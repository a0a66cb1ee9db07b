"""The registry of services: the rows of `services.yaml`, and the names that follow from a service's name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import yaml
from smartticket_contracts import folder

GATEWAY = "api-gateway"


@dataclass(frozen=True)
class Service:
    """A row of `services.yaml`, which explains the fields."""

    name: str
    port: int
    purpose: str
    schema: str = ""
    """Empty for the gateway, which stores nothing."""
    extra: str = ""
    memory: str = ""
    pids: int = 0
    live: int = 0
    volumes: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def package(self) -> str:
        """Return the name of its Python package."""
        return self.name.replace("-", "_")

    @property
    def distribution(self) -> str:
        """Return its distribution with the extra that it needs to run."""
        return f"smartticket-{self.name}{self.bracketed_extra}"

    @property
    def bracketed_extra(self) -> str:
        """Return its extra as pip writes it, or nothing."""
        return f"[{self.extra}]" if self.extra else ""

    @property
    def prefix(self) -> str:
        """Return the first word of the settings that concern it: TICKET of `TICKET_PORT`."""
        return self.name.removeprefix("api-").removesuffix("-service").replace("-", "_").upper()

    @property
    def port_setting(self) -> str:
        """Return the setting of its port on this machine."""
        return f"{self.prefix}_PORT"

    @property
    def url_setting(self) -> str:
        """Return the setting of its address, which its neighbours read."""
        return f"{self.prefix}_SERVICE_URL"

    @property
    def url(self) -> str:
        """Return its address where all services run on one machine."""
        return f"http://127.0.0.1:{self.port}"


@cache
def registry() -> Mapping[str, Service]:
    """Return all services by name, in the order in which they start: the gateway last."""
    rows = yaml.safe_load((folder() / "services.yaml").read_text(encoding="utf-8"))
    return {name: Service(name=name, **row) for name, row in rows.items()}


def services_behind_the_gateway() -> list[Service]:
    """Return all services but the gateway."""
    return [service for service in registry().values() if service.name != GATEWAY]
