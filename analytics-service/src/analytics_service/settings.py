"""The settings of analytics-service."""

from collections.abc import Mapping
from dataclasses import dataclass

from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME = "analytics-service"
SCHEMA = "analytics"
PORT = 5004


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The common settings; this service has no others."""


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings; raise BadSettings with every fault found."""
    reader = Reader(mapping)
    settings = Settings(**read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT))
    reader.finish()
    return settings
