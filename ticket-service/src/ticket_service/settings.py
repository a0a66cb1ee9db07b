"""The settings of this service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from service_kit.service_settings import (
    WELL_KNOWN_PASSWORDS,
    ServiceSettings,
    is_weak_password,
    read_service_settings,
)
from service_kit.settings import Reader

NAME = "ticket-service"
SCHEMA = "ticket"
PORT = 5001

MAX_WAIT_SECONDS = 10
MAX_FILE_BYTES = 25 * 1024 * 1024
MAX_JOB_ITEMS = 10_000
FOLDER, S3 = "folder", "s3"
HDTS_QUEUE = "TICKET_TASKS_PRODUCTION"
OFF = "off"
WELL_KNOWN_KEYS = WELL_KNOWN_PASSWORDS | {"minioadmin", "minio", "test"}


@dataclass(frozen=True)
class S3Settings:
    """Address and credentials of an object store."""

    endpoint: str
    """Empty: Amazon's own."""
    bucket: str
    region: str
    access_key: str
    secret_key: str
    path_style: bool


@dataclass(frozen=True)
class FileSettings:
    """The storage of files."""

    storage: str
    folder: Path | None
    """With `s3`, only the folder of uploads that are still being received."""
    max_bytes: int
    s3: S3Settings


@dataclass(frozen=True)
class JobSettings:
    """The limits of jobs, each of which creates or changes many tickets."""

    max_items: int
    max_unfinished: int
    """The unfinished jobs of one company."""
    keep_days: int
    """How long a finished job and its results are kept."""


@dataclass(frozen=True)
class HdtsSettings:
    """The queue on which another system's tickets arrive."""

    broker_url: str
    """Empty: there is no RabbitMQ, and no queue is consumed."""
    queue: str
    """Empty: no queue is consumed."""
    company_id: int
    """The company that gets the tickets."""
    secrets: tuple[str, ...]
    """Messages are signed with one of these; empty: messages need no signature."""
    max_bytes: int
    """The largest body, unpacked."""
    max_future_seconds: int
    """How far a sender's clock may be ahead."""


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The common settings and those of this service."""

    create_wait_ms: int
    """How long the response to a new ticket waits for its routing by default, in milliseconds."""
    files: FileSettings
    jobs: JobSettings
    hdts: HdtsSettings
    views_per_person: int
    """How many saved views a person may have."""
    macros_per_company: int
    """How many macros a company may have."""
    routing_service_url: str
    auth_service_url: str
    notification_service_url: str


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings from a mapping of names to texts; raise BadSettings with every fault named."""
    reader = Reader(mapping)
    common = read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT)
    wait = reader.integer("TICKET_CREATE_WAIT_MS", 250, minimum=0, maximum=MAX_WAIT_SECONDS * 1000)
    files = _files(reader, development=common["development"])
    jobs = JobSettings(
        max_items=reader.integer("JOB_MAX_ITEMS", 1000, minimum=1, maximum=MAX_JOB_ITEMS),
        max_unfinished=reader.integer("JOB_MAX_UNFINISHED", 20, minimum=1, maximum=1000),
        keep_days=reader.integer("JOB_KEEP_DAYS", 7, minimum=1, maximum=365),
    )
    own_broker = common["rabbitmq_url"] if common["bus"] == "rabbitmq" else ""
    hdts = _hdts(reader, own_broker, development=common["development"])
    routing, auth, notification = (
        reader.text("ROUTING_SERVICE_URL", "http://127.0.0.1:5003"),
        reader.text("AUTH_SERVICE_URL", "http://127.0.0.1:5006"),
        reader.text("NOTIFICATION_SERVICE_URL", "http://127.0.0.1:5007"),
    )
    for name, url in (
        ("ROUTING_SERVICE_URL", routing),
        ("AUTH_SERVICE_URL", auth),
        ("NOTIFICATION_SERVICE_URL", notification),
    ):
        if not url.startswith(("http://", "https://")):
            reader.faults.append(f"{name} must begin with http:// or https://")
    views = reader.integer("VIEWS_PER_PERSON", 100, minimum=1, maximum=10_000)
    macros = reader.integer("MACROS_PER_COMPANY", 200, minimum=1, maximum=10_000)
    reader.finish()
    return Settings(
        **common,
        create_wait_ms=wait,
        files=files,
        jobs=jobs,
        hdts=hdts,
        views_per_person=views,
        macros_per_company=macros,
        routing_service_url=routing,
        auth_service_url=auth,
        notification_service_url=notification,
    )


def _hdts(reader: Reader, own_broker: str, *, development: bool) -> HdtsSettings:
    broker_url, queue = reader.text("HDTS_BROKER_URL"), reader.text("HDTS_QUEUE", HDTS_QUEUE)
    if broker_url and not broker_url.startswith(("amqp://", "amqps://")):
        reader.faults.append("HDTS_BROKER_URL must begin with amqp:// or amqps://")
    secrets = tuple(each.strip() for each in reader.text("HDTS_SECRET").split(",") if each.strip())
    if not development and any(map(is_weak_password, secrets)):
        reader.faults.append("HDTS_SECRET is short or easy to guess; `smart-ticket secrets` prints random ones")
    return HdtsSettings(
        broker_url=broker_url or own_broker,
        queue="" if queue.lower() == OFF else queue,
        company_id=reader.integer("HDTS_COMPANY_ID", 1, minimum=1),
        secrets=secrets,
        max_bytes=reader.integer("HDTS_MAX_BYTES", 1_000_000, minimum=1_000, maximum=10_000_000),
        max_future_seconds=reader.integer("HDTS_MAX_FUTURE_SECONDS", 300, minimum=0, maximum=86_400),
    )


def _files(reader: Reader, *, development: bool) -> FileSettings:
    storage = reader.text("FILES_STORAGE", FOLDER, choices=frozenset({FOLDER, S3}))
    folder = reader.text("FILES_DIR")
    endpoint = reader.text("FILES_S3_ENDPOINT").rstrip("/")
    settings = S3Settings(
        endpoint=endpoint,
        bucket=reader.text("FILES_S3_BUCKET"),
        region=reader.text("FILES_S3_REGION", "us-east-1"),
        access_key=reader.text("FILES_S3_ACCESS_KEY"),
        secret_key=reader.text("FILES_S3_SECRET_KEY"),
        # Amazon gives each bucket its own host; other stores seldom do.
        path_style=reader.flag("FILES_S3_PATH_STYLE", default=bool(endpoint)),
    )
    if storage == S3:
        reader.faults += _faults(settings, development)
    max_bytes = reader.integer("FILES_MAX_BYTES", MAX_FILE_BYTES, minimum=1, maximum=MAX_FILE_BYTES)
    return FileSettings(storage, Path(folder) if folder else None, max_bytes, settings)


def _faults(settings: S3Settings, development: bool) -> list[str]:
    faults = [
        f"FILES_STORAGE=s3 needs FILES_S3_{name.upper()}"
        for name in ("bucket", "access_key", "secret_key")
        if not getattr(settings, name)
    ]
    parts = urlsplit(settings.endpoint)
    if settings.endpoint and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path):
        faults.append(f"FILES_S3_ENDPOINT must be http(s)://host:port, not {settings.endpoint!r}")
    if not development and settings.secret_key and settings.secret_key in WELL_KNOWN_KEYS:
        faults.append("FILES_S3_SECRET_KEY is a default; set your own")
    return faults
