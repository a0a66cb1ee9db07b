"""The settings of notification-service."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME = "notification-service"
SCHEMA = "notification"
PORT = 5007
_ADDRESS = re.compile(r"[!-?A-~]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The common settings and this service's own."""

    smtp_host: str
    """The mail server; without one no mail is sent."""
    smtp_port: int
    smtp_tls: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    smtp_from: str
    """The address that mails come from."""
    smtp_timeout_seconds: float
    """How long one answer of the server may take."""
    smtp_threads: int
    """How many mails a process sends at the same time."""
    sends_per_minute: int
    """How many notifications one program or person may send in a minute."""
    notification_days: int
    """After how many days a notification is removed. The inbox, which keeps a cause from notifying twice, has 14."""
    live_port: int
    """The port of real time."""
    live_in_worker: bool
    """Whether the worker serves real time too; in containers a process of its own does."""
    live_poll_ms: int
    live_hours: int
    """How long changes are kept for clients that resume, at most `live_events` of a company."""
    live_events: int
    live_queue: int
    """How many changes may wait for a client that reads slowly."""
    live_frames_per_second: int
    live_heartbeat_seconds: float
    live_silence_seconds: float
    """After how much silence a client, or the database, counts as gone."""


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings; raise BadSettings with every fault found."""
    reader = Reader(mapping)
    settings = Settings(
        **read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT),
        smtp_host=reader.text("SMTP_HOST"),
        smtp_port=reader.integer("SMTP_PORT", 587, minimum=1, maximum=65_535),
        smtp_tls=reader.text("SMTP_TLS", "starttls", choices=frozenset({"starttls", "implicit", "none"})),
        smtp_user=reader.text("SMTP_USER"),
        smtp_password=reader.text("SMTP_PASSWORD"),
        smtp_from=reader.text("SMTP_FROM"),
        smtp_timeout_seconds=reader.number("SMTP_TIMEOUT_SECONDS", 30.0, minimum=0.1, maximum=60),
        smtp_threads=reader.integer("SMTP_THREADS", 2, minimum=1, maximum=16),
        sends_per_minute=reader.integer("NOTIFICATION_SENDS_PER_MINUTE", 60, minimum=1, maximum=100_000),
        notification_days=reader.integer("NOTIFICATION_DAYS", 90, minimum=15, maximum=3650),
        live_port=reader.integer("LIVE_PORT", 5017, minimum=0, maximum=65_535),
        live_in_worker=reader.flag("LIVE_IN_WORKER", default=True),
        live_poll_ms=reader.integer("LIVE_POLL_MS", 75, minimum=10, maximum=5_000),
        live_hours=reader.integer("LIVE_HOURS", 24, minimum=1, maximum=720),
        live_events=reader.integer("LIVE_EVENTS", 10_000, minimum=100, maximum=1_000_000),
        live_queue=reader.integer("LIVE_QUEUE", 64, minimum=1, maximum=10_000),
        live_frames_per_second=reader.integer("LIVE_FRAMES_PER_SECOND", 10, minimum=1, maximum=1_000),
        live_heartbeat_seconds=reader.number("LIVE_HEARTBEAT_SECONDS", 10.0, minimum=0.1, maximum=60),
        live_silence_seconds=reader.number("LIVE_SILENCE_SECONDS", 30.0, minimum=1, maximum=300),
    )
    _check_mail(reader, settings)
    reader.finish()
    return settings


def _check_mail(reader: Reader, settings: Settings) -> None:
    if not settings.smtp_host:
        return
    if not _ADDRESS.fullmatch(settings.smtp_from):
        reader.faults.append("SMTP_FROM must be the plain address that mails come from, such as desk@company.example")
    if settings.smtp_tls == "none" and not _is_loopback(settings.smtp_host):
        reader.faults.append("SMTP_TLS may be none only for a mail server on this machine; use starttls or implicit")
    if bool(settings.smtp_user) != bool(settings.smtp_password):
        reader.faults.append("SMTP_USER and SMTP_PASSWORD must be set together")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
