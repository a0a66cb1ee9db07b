"""The settings of notification-service."""

from collections.abc import Mapping
from dataclasses import dataclass

from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME = "notification-service"
SCHEMA = "notification"
PORT = 5007


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The common settings and this service's own."""

    notification_days: int
    """After how many days a notification is removed. The inbox, which keeps a cause from notifying twice, has 14."""


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings; raise BadSettings with every fault found."""
    reader = Reader(mapping)
    settings = Settings(
        **read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT),
        notification_days=reader.integer("NOTIFICATION_DAYS", 90, minimum=15, maximum=3650),
    )
    reader.finish()
    return settings
