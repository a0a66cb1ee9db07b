"""The settings of notification-service."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from outbound_kit.addresses import BadNetwork, Network, networks
from service_kit.identity.access_tokens import DEFAULT_ISSUER
from service_kit.service_settings import MAKE_SECRETS, ServiceSettings, fault_of_key, read_service_settings
from service_kit.settings import Reader

from notification_service.domain.inbound import AUTOMATIC_PER_HOUR, BATCH, READER_MAILS, READERS
from notification_service.domain.mail.message import MAX_BYTES
from notification_service.domain.mail_rules import MailRules

NAME = "notification-service"
SCHEMA = "notification"
PORT = 5007
OPERATOR = "operator"
RETRIES = "5,300,1800,7200,18000,36000,50400,72000,86400"
"""The pauses of Standard Webhooks: 75 hours and 35 minutes together."""
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
    auth_service_url: str
    """The owner of accounts, asked for the links of mails."""
    ticket_service_url: str
    """The owner of presence at tickets, which real time renews for those who write."""
    sends_per_minute: int
    """How many notifications one program or person may send in a minute."""
    mail_rules: MailRules
    """Which addresses the mails of a company may go to, and how many texts of its own it may mail in a day."""
    storm: int
    """How many notifications of one kind a person gets one by one within `storm_minutes`."""
    storm_minutes: int
    notification_days: int
    """After how many days a notification is removed. The inbox, which keeps a cause from notifying twice, has 14."""
    inbound_mail_max_bytes: int
    inbound_mail_days: int
    """After how many days an inbound mail is removed here; its ticket stays."""
    inbound_mail_threads: int
    """How many batches of mails a process takes at the same time."""
    mail_readers: int
    """How many processes read the mails of one worker."""
    mail_reader_mails: int
    """How many mails one of them reads before another one takes its place."""
    mail_batch: int
    """How many mails are claimed, and concluded, together."""
    inbound_automatic_per_hour: int
    """How many automatic mails of one address about one ticket, or about none, are taken in an hour."""
    imap_seconds: float
    """How long a mailbox waits between two readings."""
    imap_timeout_seconds: float
    imap_threads: int
    """How many mailboxes a process reads at the same time."""
    imap_allowed_networks: tuple[Network, ...]
    """Private networks in which mail servers may stand."""
    imap_unencrypted_networks: tuple[Network, ...]
    """Networks whose mail servers may be sent passwords without encryption."""
    sealing_key: bytes = field(repr=False)
    """Encrypts the secrets of webhooks in the database: 32 bytes."""
    webhook_timeout_seconds: float
    """How long one call of a receiver may take."""
    webhook_retry_seconds: tuple[float, ...]
    """The pauses after failed tries of one message."""
    webhook_breaker_failures: int
    """After so many failures in a row a webhook gets probes alone."""
    webhook_probe_seconds: float
    webhook_disable_days: float
    """After so many days without a success a webhook is switched off."""
    webhook_threads: int
    """How many messages a process sends at the same time."""
    webhook_parallel_per_company: int
    webhook_parallel_per_endpoint: int
    webhook_ports: frozenset[int] | None
    """The ports that companies may enter, None for all."""
    webhook_allowed_networks: tuple[Network, ...]
    """Private networks in which receivers may stand."""
    webhook_rotation_hours: float
    """How long a former secret signs beside the new one."""
    webhook_days: int
    """After how many days a delivery that has ended is removed."""
    webhooks_per_company: int
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
    common = read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT)
    settings = Settings(
        **common,
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
        auth_service_url=reader.text("AUTH_SERVICE_URL", "http://127.0.0.1:5006"),
        ticket_service_url=reader.text("TICKET_SERVICE_URL", "http://127.0.0.1:5001"),
        sends_per_minute=reader.integer("NOTIFICATION_SENDS_PER_MINUTE", 60, minimum=1, maximum=100_000),
        mail_rules=read_mail_rules(reader, ServiceSettings(**common)),
        storm=reader.integer("NOTIFICATION_STORM", 20, minimum=1, maximum=100_000),
        storm_minutes=reader.integer("NOTIFICATION_STORM_MINUTES", 10, minimum=1, maximum=1440),
        notification_days=reader.integer("NOTIFICATION_DAYS", 90, minimum=15, maximum=3650),
        inbound_mail_max_bytes=reader.integer("INBOUND_MAIL_MAX_BYTES", MAX_BYTES, minimum=1_000, maximum=MAX_BYTES),
        inbound_mail_days=reader.integer("INBOUND_MAIL_DAYS", 30, minimum=15, maximum=3650),
        inbound_mail_threads=reader.integer("INBOUND_MAIL_THREADS", 1, minimum=1, maximum=16),
        mail_readers=reader.integer("MAIL_READERS", READERS, minimum=1, maximum=32),
        mail_reader_mails=reader.integer("MAIL_READER_MAILS", READER_MAILS, minimum=1, maximum=100_000),
        mail_batch=reader.integer("MAIL_BATCH", BATCH, minimum=1, maximum=500),
        inbound_automatic_per_hour=reader.integer(
            "INBOUND_AUTOMATIC_PER_HOUR", AUTOMATIC_PER_HOUR, minimum=0, maximum=10_000
        ),
        imap_seconds=reader.number("IMAP_SECONDS", 30.0, minimum=1, maximum=86_400),
        imap_timeout_seconds=reader.number("IMAP_TIMEOUT_SECONDS", 30.0, minimum=0.1, maximum=60),
        imap_threads=reader.integer("IMAP_THREADS", 2, minimum=1, maximum=16),
        imap_allowed_networks=_networks(reader, "IMAP_ALLOWED_NETWORKS"),
        imap_unencrypted_networks=_networks(reader, "IMAP_UNENCRYPTED_NETWORKS"),
        sealing_key=_sealing_key(reader, ServiceSettings(**common)),
        webhook_timeout_seconds=reader.number("WEBHOOK_TIMEOUT_SECONDS", 15.0, minimum=0.1, maximum=60),
        webhook_retry_seconds=_pauses(reader),
        webhook_breaker_failures=reader.integer("WEBHOOK_BREAKER_FAILURES", 5, minimum=1, maximum=1000),
        webhook_probe_seconds=reader.number("WEBHOOK_PROBE_SECONDS", 30.0, minimum=0.1, maximum=3600),
        webhook_disable_days=reader.number("WEBHOOK_DISABLE_DAYS", 5.0, minimum=0.01, maximum=365),
        webhook_threads=reader.integer("WEBHOOK_THREADS", 8, minimum=1, maximum=64),
        webhook_parallel_per_company=reader.integer("WEBHOOK_PARALLEL_PER_COMPANY", 4, minimum=1, maximum=64),
        webhook_parallel_per_endpoint=reader.integer("WEBHOOK_PARALLEL_PER_ENDPOINT", 2, minimum=1, maximum=64),
        webhook_ports=_ports(reader),
        webhook_allowed_networks=_networks(reader, "WEBHOOK_ALLOWED_NETWORKS"),
        webhook_rotation_hours=reader.number("WEBHOOK_ROTATION_HOURS", 24.0, maximum=24 * 365),
        webhook_days=reader.integer("WEBHOOK_DAYS", 30, minimum=15, maximum=3650),
        webhooks_per_company=reader.integer("WEBHOOKS_PER_COMPANY", 20, minimum=1, maximum=1000),
        live_port=reader.integer("LIVE_PORT", 5017, minimum=0, maximum=65_535),
        live_in_worker=reader.flag("LIVE_IN_WORKER", default=True),
        live_poll_ms=reader.integer("LIVE_POLL_MS", 40, minimum=10, maximum=5_000),
        live_hours=reader.integer("LIVE_HOURS", 24, minimum=1, maximum=720),
        live_events=reader.integer("LIVE_EVENTS", 10_000, minimum=100, maximum=1_000_000),
        live_queue=reader.integer("LIVE_QUEUE", 64, minimum=1, maximum=10_000),
        live_frames_per_second=reader.integer("LIVE_FRAMES_PER_SECOND", 10, minimum=1, maximum=1_000),
        live_heartbeat_seconds=reader.number("LIVE_HEARTBEAT_SECONDS", 10.0, minimum=0.1, maximum=60),
        live_silence_seconds=reader.number("LIVE_SILENCE_SECONDS", 30.0, minimum=1, maximum=300),
    )
    _check_mail(reader, settings)
    for name, url in (
        ("AUTH_SERVICE_URL", settings.auth_service_url),
        ("TICKET_SERVICE_URL", settings.ticket_service_url),
    ):
        if not url.startswith(("http://", "https://")):
            reader.faults.append(f"{name} must begin with http:// or https://")
    reader.finish()
    return settings


def _public_url(reader: Reader) -> str:
    # auth-service takes it for the issuer of tokens, too, which may be a name.
    url = reader.text("PUBLIC_URL", DEFAULT_ISSUER).rstrip("/")
    return url if url.startswith(("http://", "https://")) else ""


def read_mail_rules(reader: Reader, common: ServiceSettings) -> MailRules:
    """Return which companies mail to every address, and how many mails others send; faults go to the reader."""
    # People who try the system on a machine of their own expect mails to the people that they add.
    default = "all" if common.development else OPERATOR
    per_day = reader.integer("NOTIFICATION_MAILS_PER_DAY", 500, minimum=0, maximum=10_000_000)
    given = reader.text("NOTIFICATION_TRUSTED_COMPANIES", default).replace(",", " ").split()
    if given == ["all"]:
        return MailRules(None, per_day)
    ids = [common.operator_company_id if each == OPERATOR else int(each) if each.isdecimal() else 0 for each in given]
    if given != ["none"] and 0 in ids:
        reader.faults.append(
            "NOTIFICATION_TRUSTED_COMPANIES must be all, none, or list numbers of companies and operator"
        )
    return MailRules(frozenset(ids) - {0}, per_day)


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


def _sealing_key(reader: Reader, common: ServiceSettings) -> bytes:
    """Return the key of the setting, or one that follows from the key by which the service signs."""
    given = reader.text("NOTIFICATION_KEY_SECRET")
    if not given:
        return hmac.digest(common.signing_key.encode(), b"webhooks", hashlib.sha256)
    if fault := fault_of_key(given, set(), common.development):
        reader.faults.append(f"NOTIFICATION_KEY_SECRET {fault}; {MAKE_SECRETS}")
        return b""
    return base64.b64decode(given)


def _pauses(reader: Reader) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in reader.text("WEBHOOK_RETRY_SECONDS", RETRIES).split(","))
    except ValueError:
        found = ()
    if not found or not all(0 <= pause <= 7 * 86_400 for pause in found):
        reader.faults.append("WEBHOOK_RETRY_SECONDS must list pauses of up to a week in seconds, such as 5,300,1800")
    return found


def _ports(reader: Reader) -> frozenset[int] | None:
    text = reader.text("WEBHOOK_PORTS", "80,443,8443")
    if text == "any":
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and 0 < int(part) < 65_536 for part in parts):
        reader.faults.append("WEBHOOK_PORTS must list ports such as 80,443,8443, or be any")
        return frozenset()
    return frozenset(map(int, parts))


def _networks(reader: Reader, name: str) -> tuple[Network, ...]:
    try:
        return networks(reader.text(name))
    except BadNetwork as error:
        reader.faults.append(f"{name} {error}")
        return ()
