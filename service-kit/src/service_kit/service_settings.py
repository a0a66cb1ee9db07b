"""The settings of every service. A service adds its own in a subclass of ServiceSettings."""

import base64
import hashlib
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import yaml
from http_server.limits import MIB, Limits

from service_kit.identity.tokens import KEY_BYTES, BadKey, key_bytes, public_key
from service_kit.settings import Reader

PRODUCTION = "production"
DEVELOPMENT = "development"
GATEWAY = "api-gateway"
DEVELOPMENT_PASSWORD = "smartticket-development"  # noqa: S105 - only development mode accepts it
WELL_KNOWN_PASSWORDS = frozenset(
    {"", DEVELOPMENT_PASSWORD, "smartticket", "postgres", "password", "guest", "admin", "secret", "changeme"}
)
MIN_CHARACTERS = 12
MIN_DIFFERENT = 5
MIN_DIFFERENT_BYTES = 16
"""Of a key of 32 bytes; random ones have about thirty."""
MAKE_SECRETS = "`smart-ticket secrets` prints one"


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """The settings that all services share. The database fields are empty for a service without a schema."""

    service: str
    development: bool
    """Whether this is development mode, which accepts default secrets."""
    database_url: str
    relay_database_url: str
    bus: str
    rabbitmq_url: str
    signing_key: str
    trusted_keys: Mapping[str, str]
    services: tuple[str, ...]
    prefetch: int
    host: str
    port: int
    http_workers: int
    http_threads: int
    role: str
    log_level: str
    runtime_dir: str
    operator_company_id: int
    pool_size: int
    statement_timeout_ms: int
    limits: Limits
    graceful_seconds: int
    slow_request_seconds: float
    idempotency_hours: int
    allow_inside_addresses: bool
    audit_retention_days: int
    more_ports: tuple[int, ...] = ()
    """The ports to listen on besides `port`."""
    drain_seconds: float = 0.0
    """How long a stopping service still accepts connections."""

    @property
    def one_process(self) -> bool:
        """Return whether one process must serve and consume, because a resource can have only one owner."""
        return False


def read_service_settings(reader: Reader, *, service: str, schema: str | None, port: int) -> dict[str, Any]:
    """Read the shared settings; return them as keyword arguments for ServiceSettings or a subclass.

    `schema` is None for a service without a database. `reader` collects the faults; the caller then calls
    `reader.finish()`, which raises BadSettings. Outside development mode a missing or default secret is a fault.
    """
    environment = reader.text("SMARTTICKET_ENV", PRODUCTION, choices=frozenset({PRODUCTION, DEVELOPMENT}))
    development = environment == DEVELOPMENT
    services = _services(reader)
    bus = reader.text("BUS", "rabbitmq", choices=frozenset({"rabbitmq", "postgres"}))
    database_url, relay_url = _database_urls(reader, schema, development) if schema else ("", "")
    return {
        "service": service,
        "development": development,
        "database_url": database_url,
        "relay_database_url": relay_url,
        "bus": bus,
        # A service without a database has no outbox and no inbox, so it needs neither a bus nor its password.
        "rabbitmq_url": _rabbitmq_url(reader, refuse_defaults=not development and bus == "rabbitmq") if schema else "",
        "signing_key": _signing_key(reader, service, development),
        "trusted_keys": _trusted_keys(reader, services, development, needed=schema is not None),
        "services": services,
        "prefetch": reader.integer("CONSUMER_PREFETCH", 200, minimum=1, maximum=10_000),
        "host": reader.text("HTTP_HOST", "127.0.0.1"),
        "port": reader.integer("PORT", port, minimum=0, maximum=65_535),
        "http_workers": reader.integer("HTTP_WORKERS", 2, minimum=1, maximum=64),
        "http_threads": reader.integer("HTTP_THREADS", 16, minimum=1, maximum=256),
        "role": reader.text("ROLE", "both", choices=frozenset({"both", "http", "worker"})),
        "log_level": reader.text("LOG_LEVEL", "INFO", choices=frozenset({"DEBUG", "INFO", "WARNING", "ERROR"})),
        "runtime_dir": reader.text("RUNTIME_DIR", tempfile.gettempdir()),
        "operator_company_id": reader.integer("OPERATOR_COMPANY_ID", 1, minimum=1),
        "pool_size": reader.integer("DB_POOL_SIZE", 8, minimum=1, maximum=200),
        "statement_timeout_ms": reader.integer("STATEMENT_TIMEOUT_MS", 5_000, minimum=100, maximum=600_000),
        "limits": Limits(
            keepalive_seconds=reader.integer("HTTP_KEEPALIVE_SECONDS", 30, minimum=1, maximum=600),
            head_seconds=reader.integer("HTTP_HEAD_SECONDS", 10, minimum=1, maximum=600),
            min_bytes_per_second=reader.integer("HTTP_MIN_BYTES_PER_SECOND", 2_000, minimum=1, maximum=10_000_000),
            max_connections=reader.integer("HTTP_MAX_CONNECTIONS", 4_000, minimum=16, maximum=60_000),
            max_spooled_bytes=reader.integer("HTTP_SPOOL_MB", 256, minimum=8, maximum=100_000) * MIB,
        ),
        "graceful_seconds": reader.integer("GRACEFUL_SECONDS", 20, minimum=1, maximum=600),
        "slow_request_seconds": reader.number("SLOW_REQUEST_SECONDS", 1.0, minimum=0.001, maximum=600),
        "idempotency_hours": reader.integer("IDEMPOTENCY_HOURS", 24, minimum=1, maximum=8_760),
        "allow_inside_addresses": reader.flag("ALLOW_INSIDE_ADDRESSES", default=False),
        "audit_retention_days": reader.integer("AUDIT_RETENTION_DAYS", 365, minimum=1, maximum=36_500),
    }


def is_weak_password(password: str) -> bool:
    """Return whether a password of a program is well known, short or of few characters."""
    return len(password) < MIN_CHARACTERS or len(set(password)) < MIN_DIFFERENT or password in WELL_KNOWN_PASSWORDS


def is_weak_key(key: bytes) -> bool:
    """Return whether the 32 bytes of a key can't be random: zeros, a repeated text, 0 to 31."""
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    return min(len(set(key)), len(steps)) < MIN_DIFFERENT_BYTES


def fault_of_key(key: str, defaults: Collection[str], development: bool) -> str:
    """Return what is wrong with the base64 of a key, '' where nothing is; development mode accepts defaults."""
    try:
        raw = key_bytes(key)
    except BadKey:
        return f"must be the base64 of {KEY_BYTES} random bytes"
    return "is a default or not random" if not development and (key in defaults or is_weak_key(raw)) else ""


def development_signing_key(service: str) -> str:
    """Return a service's base64 signing seed for development mode: constant and public."""
    return base64.b64encode(hashlib.sha256(f"smart-ticket development key of {service}".encode()).digest()).decode()


def known_services() -> tuple[str, ...]:
    """Return the services of the registry, but the gateway."""
    text = resources.files("smartticket_contracts").joinpath("services.yaml").read_text(encoding="utf-8")
    return tuple(name for name in yaml.safe_load(text) if name != GATEWAY)


def _services(reader: Reader) -> tuple[str, ...]:
    available = known_services()
    text = reader.text("SMARTTICKET_SERVICES", "all")
    if text == "all":
        return available
    names = tuple(name.strip() for name in text.split(",") if name.strip() and name.strip() != GATEWAY)
    unknown = [name for name in names if name not in available]
    if unknown:
        reader.faults.append(f"SMARTTICKET_SERVICES names {', '.join(unknown)}; there are {', '.join(available)}")
    return names


def _database_urls(reader: Reader, schema: str, development: bool) -> tuple[str, str]:
    url = reader.text("DATABASE_URL")
    if not url:
        prefix = reader.text("DB_ROLE_PREFIX", "smartticket")
        user = reader.text("DB_USER", f"{prefix}_{schema}_app")
        password = reader.text("DB_PASSWORD", DEVELOPMENT_PASSWORD)
        host, port = reader.text("DB_HOST", "127.0.0.1"), reader.integer("DB_PORT", 5432, minimum=1, maximum=65_535)
        name = reader.text("DB_NAME", "smartticket")
        url = f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{quote(name, safe='')}"
    url = _normalized_url(url)
    relay_url = _normalized_url(reader.text("RELAY_DATABASE_URL")) or _with_relay_user(reader, url)
    if not development and (given := urlsplit(url).password) and is_weak_password(given):
        reader.faults.append(
            f"DB_PASSWORD (or the password in DATABASE_URL) is missing, a default or easy to guess; {MAKE_SECRETS}. "
            "Or set SMARTTICKET_ENV=development on a machine that only you can reach"
        )
    return url, relay_url


def _normalized_url(url: str) -> str:
    scheme, separator, remainder = url.partition("://")
    return f"postgresql://{remainder}" if separator and scheme.split("+")[0] in {"postgres", "postgresql"} else url


def _with_relay_user(reader: Reader, url: str) -> str:
    parts = urlsplit(url)
    user = parts.username or ""
    if not user.endswith("_app"):
        reader.faults.append("RELAY_DATABASE_URL must be set where the application's role does not end in _app")
        return url
    address = parts.netloc.rpartition("@")[2]
    credentials = quote(user.removesuffix("_app") + "_relay", safe="")
    if parts.password is not None:
        # urlsplit leaves the password percent-encoded, so it is copied unchanged.
        credentials += f":{parts.password}"
    return urlunsplit(parts._replace(netloc=f"{credentials}@{address}"))


def _rabbitmq_url(reader: Reader, *, refuse_defaults: bool) -> str:
    url = reader.text("RABBITMQ_URL")
    for other in ("CELERY_BROKER_URL", "RAG_BROKER_URL"):
        if not url and reader.text(other).startswith(("amqp://", "amqps://")):
            url = reader.text(other)
    if not url:
        user, password = reader.text("RABBITMQ_USER", "guest"), reader.text("RABBITMQ_PASSWORD", "guest")
        host = reader.text("RABBITMQ_HOST", "127.0.0.1")
        port = reader.integer("RABBITMQ_PORT", 5672, minimum=1, maximum=65_535)
        vhost = quote(reader.text("RABBITMQ_VHOST", "/"), safe="")
        url = f"amqp://{quote(user, safe='')}:{quote(password, safe='')}@{host}:{port}/{vhost}"
    if not url.startswith(("amqp://", "amqps://")):
        reader.faults.append("RABBITMQ_URL must begin with amqp:// or amqps://")
    elif refuse_defaults and is_weak_password(urlsplit(url).password or ""):
        reader.faults.append(f"RABBITMQ_PASSWORD (or RABBITMQ_URL's) is missing or easy to guess; {MAKE_SECRETS}")
    return url


def _signing_key(reader: Reader, service: str, development: bool) -> str:
    key = reader.text("INTERNAL_SIGNING_KEY", development_signing_key(service) if development else "")
    defaults = {development_signing_key(name) for name in (service, GATEWAY, *known_services())}
    if fault := fault_of_key(key, defaults, development):
        reader.faults.append(f"INTERNAL_SIGNING_KEY {fault}; {MAKE_SECRETS}")
    return key


def _trusted_keys(reader: Reader, services: tuple[str, ...], development: bool, *, needed: bool) -> Mapping[str, str]:
    text = reader.text("INTERNAL_TRUSTED_KEYS")
    published = {name: public_key(development_signing_key(name)) for name in (GATEWAY, *known_services())}
    if not text:
        if not development and needed:
            reader.faults.append("INTERNAL_TRUSTED_KEYS must list issuers of internal tokens: name:base64key,name:…")
        return {name: published[name] for name in (GATEWAY, *services) if name in published} if development else {}
    keys: dict[str, str] = {}
    for pair in text.split(","):
        name, separator, key = pair.strip().partition(":")
        fault = fault_of_key(key, published.values(), development) if name and separator else "is not name:base64key"
        if fault:
            reader.faults.append(f"INTERNAL_TRUSTED_KEYS: {pair.strip()[:40]!r} {fault}")
        keys[name] = key
    return keys
