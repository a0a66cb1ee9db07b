"""The event contracts: which service publishes and consumes which event types, and the schema of each type."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import fastjsonschema
import orjson
import yaml

from eventbus.bus.port import Queue

ALL = ("all",)
VERSION = 1


def queue_name(service: str, purpose: str) -> str:
    """Return the name of a service's queue for one purpose: `ai-service.categorize`."""
    return f"{service}.{purpose}"


class BadEvent(ValueError):
    """An event violates its contract. The text names the field, never its value."""


class BadTopology(ValueError):
    """`topology.yaml` and a service's own declarations differ."""


class Contracts:
    """The topology and the schemas, limited to the deployed services."""

    def __init__(
        self, topology: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]], deployed: Sequence[str] = ALL
    ) -> None:
        """Create contracts from the parsed topology and a schema per event type; `deployed` names services, or `all`.

        A service without events need not be in the topology.
        """
        self._services: Mapping[str, Mapping[str, Any]] = topology["services"]
        self.deployed = tuple(name for name in self._services if "all" in deployed or name in deployed)
        self.schemas = schemas
        self._final = frozenset(topology.get("final", ()))
        self._consumed = frozenset(event_type for queue in self.deployed_queues() for event_type in queue.patterns)
        # Compiled at the first use: a service publishes few types, and compiling all of them would delay its start.
        self._check_of = cache(self._compile)

    @staticmethod
    @cache
    def load(folder: Path, deployed: tuple[str, ...] = ALL) -> "Contracts":
        """Read `topology.yaml` and `events/*.v1.json` in `folder`; equal arguments return the same object."""
        topology = yaml.safe_load((folder / "topology.yaml").read_text(encoding="utf-8"))
        schemas = {
            path.name.removesuffix(f".v{VERSION}.json"): orjson.loads(path.read_bytes())
            for path in sorted((folder / "events").glob(f"*.v{VERSION}.json"))
        }
        return Contracts(topology, schemas, deployed)

    @staticmethod
    def installed(deployed: tuple[str, ...] = ALL) -> "Contracts":
        """Read the contracts that are installed beside the services."""
        with resources.as_file(resources.files("smartticket_contracts")) as folder:
            return Contracts.load(folder, deployed)

    def queues(self, service: str) -> list[Queue]:
        """Return the queues of one service; an empty list for a service that consumes nothing."""
        purposes = self._services.get(service, {}).get("queues", {})
        return [Queue(queue_name(service, purpose), tuple(types)) for purpose, types in purposes.items()]

    def deployed_queues(self) -> list[Queue]:
        """Return the queues of all deployed services."""
        return [queue for service in self.deployed for queue in self.queues(service)]

    def queue(self, name: str) -> Queue | None:
        """Return the deployed queue of this name, or None."""
        return next((queue for queue in self.deployed_queues() if queue.name == name), None)

    def published_by(self, service: str) -> frozenset[str]:
        """Return the event types a service publishes."""
        return frozenset(self._services.get(service, {}).get("publishes", ()))

    def is_final(self, event_type: str) -> bool:
        """Return whether an event of this type ends its subject."""
        return event_type in self._final

    def has_consumer(self, event_type: str) -> bool:
        """Return whether a deployed service consumes events of this type."""
        return event_type in self._consumed

    def schema_id(self, event_type: str) -> str:
        """Return the URI of a type's schema; it ends in the version."""
        return str(self._schema(event_type)["$id"])

    def validate(self, event_type: str, body: Mapping[str, Any]) -> None:
        """Raise BadEvent where the body violates its type's schema. Takes microseconds."""
        check = self._check_of(event_type)
        try:
            check(body)
        except fastjsonschema.JsonSchemaValueException as error:
            field = ".".join(str(part) for part in error.path[1:]) or "body"
            raise BadEvent(f"{event_type}: {field} breaks the rule {error.rule!r}") from None

    def _compile(self, event_type: str) -> Any:
        return fastjsonschema.compile(dict(self._schema(event_type)), use_default=False)

    def _schema(self, event_type: str) -> Mapping[str, Any]:
        try:
            return self.schemas[event_type]
        except KeyError:
            raise BadEvent(f"{event_type} has no contract") from None
