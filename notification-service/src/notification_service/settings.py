"""The settings of notification-service."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from service_kit.identity.access_tokens import DEFAULT_ISSUER
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
    most_bounces: int
    """After how many mails in a row that the mail server refuses an address gets none any more."""
    public_url: str
    """The address at which people reach the system, which mails name; '' without one."""
    sends_per_minute: int
    """How many notifications one program or person may send in a minute."""
    storm: int
    """How many notifications of one kind a person gets one by one within `storm_minutes`."""
    storm_minutes: int
    notification_days: int
    """After how many days a notification is removed. The inbox, which keeps a cause from notifying twice, has 14."""


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
        most_bounces=reader.integer("SMTP_MOST_BOUNCES", 3, minimum=1, maximum=1000),
        public_url=_public_url(reader),
        sends_per_minute=reader.integer("NOTIFICATION_SENDS_PER_MINUTE", 60, minimum=1, maximum=100_000),
        storm=reader.integer("NOTIFICATION_STORM", 20, minimum=1, maximum=100_000),
        storm_minutes=reader.integer("NOTIFICATION_STORM_MINUTES", 10, minimum=1, maximum=1440),
        notification_days=reader.integer("NOTIFICATION_DAYS", 90, minimum=15, maximum=3650),
    )
    _check_mail(reader, settings)
    reader.finish()
    return settings


def _public_url(reader: Reader) -> str:
    # auth-service takes it for the issuer of tokens, too, which may be a name.
    url = reader.text("PUBLIC_URL", DEFAULT_ISSUER).rstrip("/")
    return url if url.startswith(("http://", "https://")) else ""


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
