"""The settings of routing-service."""

from collections.abc import Mapping
from dataclasses import dataclass

from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME = "routing-service"
SCHEMA = "routing"
PORT = 5003


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The common settings, and the addresses of ticket-service and auth-service."""

    ticket_service_url: str
    ticket_service_deadline_seconds: float
    auth_service_url: str


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings; raise BadSettings with every fault found."""
    reader = Reader(mapping)
    settings = Settings(
        **read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT),
        ticket_service_url=reader.text("TICKET_SERVICE_URL", "http://127.0.0.1:5001"),
        ticket_service_deadline_seconds=reader.number(
            "TICKET_SERVICE_DEADLINE_SECONDS", 3.0, minimum=0.1, maximum=30.0
        ),
        auth_service_url=reader.text("AUTH_SERVICE_URL", "http://127.0.0.1:5006"),
    )
    if not settings.auth_service_url.startswith(("http://", "https://")):
        reader.faults.append("AUTH_SERVICE_URL must begin with http:// or https://")
    if not settings.ticket_service_url.startswith(("http://", "https://")):
        reader.faults.append("TICKET_SERVICE_URL must begin with http:// or https://")
    reader.finish()
    return settings
