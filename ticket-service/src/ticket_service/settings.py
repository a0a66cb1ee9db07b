"""What this service is told at start."""

from collections.abc import Mapping
from dataclasses import dataclass

from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

LONGEST_WAIT_SECONDS = 10


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The common settings and this service's own."""

    create_wait_ms: int
    """How long the answer to a new ticket waits for its routing when the caller says nothing about it."""


def read_settings(mapping: Mapping[str, str], *, service: str, schema: str, port: int) -> Settings:
    """Read the settings from a mapping of names to texts; raise BadSettings with every fault named."""
    reader = Reader(mapping)
    common = read_service_settings(reader, service=service, schema=schema, port=port)
    wait = reader.integer("TICKET_CREATE_WAIT_MS", 250, minimum=0, maximum=LONGEST_WAIT_SECONDS * 1000)
    reader.finish()
    return Settings(**common, create_wait_ms=wait)
