"""The settings of this service."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from service_kit.service_settings import DEVELOPMENT, WELL_KNOWN_PASSWORDS, ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME = "ticket-service"
SCHEMA = "ticket"
PORT = 5001

MAX_WAIT_SECONDS = 10
MAX_FILE_BYTES = 25 * 1024 * 1024
FOLDER, S3 = "folder", "s3"
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
class Settings(ServiceSettings):
    """The common settings and those of this service."""

    create_wait_ms: int
    """How long the response to a new ticket waits for its routing by default, in milliseconds."""
    files: FileSettings
    routing_service_url: str
    auth_service_url: str


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings from a mapping of names to texts; raise BadSettings with every fault named."""
    reader = Reader(mapping)
    common = read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT)
    wait = reader.integer("TICKET_CREATE_WAIT_MS", 250, minimum=0, maximum=MAX_WAIT_SECONDS * 1000)
    files = _files(reader, development=common["environment"] == DEVELOPMENT)
    routing, auth = (
        reader.text("ROUTING_SERVICE_URL", "http://127.0.0.1:5003"),
        reader.text("AUTH_SERVICE_URL", "http://127.0.0.1:5006"),
    )
    for name, url in (("ROUTING_SERVICE_URL", routing), ("AUTH_SERVICE_URL", auth)):
        if not url.startswith(("http://", "https://")):
            reader.faults.append(f"{name} must begin with http:// or https://")
    reader.finish()
    return Settings(**common, create_wait_ms=wait, files=files, routing_service_url=routing, auth_service_url=auth)


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
