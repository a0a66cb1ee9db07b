"""The settings of init-db: PostgreSQL's address, the administrator, and the passwords of the services' roles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from service_kit.service_settings import DEVELOPMENT, DEVELOPMENT_PASSWORD, MAKE_SECRETS, PRODUCTION, is_weak_password
from service_kit.settings import Reader

from init_db.services import MigratedService

DEVELOPMENT_POSTGRES_PASSWORD = "postgres"  # noqa: S105 - compose sets it in development mode


@dataclass(frozen=True)
class Settings:
    """The database, the services and their passwords."""

    admin_url: str = field(repr=False)
    database: str
    prefix: str
    passwords: Mapping[str, str] = field(repr=False)
    """By schema."""
    services: tuple[MigratedService, ...]
    bus: str
    wait_seconds: float


def read_settings(mapping: Mapping[str, str], installed: tuple[MigratedService, ...]) -> Settings:
    """Read the settings; raise BadSettings with every fault named.

    Outside development mode a missing or a well-known password is a fault.
    """
    reader = Reader(mapping)
    environment = reader.text("SMARTTICKET_ENV", PRODUCTION, choices=frozenset({PRODUCTION, DEVELOPMENT}))
    development = environment == DEVELOPMENT
    services = _deployed(reader, installed)
    settings = Settings(
        admin_url=_admin_url(reader, development),
        database=reader.text("DB_NAME", "smartticket"),
        prefix=reader.text("DB_ROLE_PREFIX", "smartticket"),
        passwords={service.schema: _password(reader, service.schema, development) for service in services},
        services=services,
        bus=reader.text("BUS", "rabbitmq", choices=frozenset({"rabbitmq", "postgres"})),
        wait_seconds=reader.number("DB_WAIT_SECONDS", 60, maximum=3600),
    )
    reader.finish()
    return settings


def _deployed(reader: Reader, installed: tuple[MigratedService, ...]) -> tuple[MigratedService, ...]:
    wanted = reader.text("SMARTTICKET_SERVICES", "all")
    if wanted == "all":
        return installed
    names = {name.strip() for name in wanted.split(",")}
    return tuple(service for service in installed if service.name in names)


def _admin_url(reader: Reader, development: bool) -> str:
    url = reader.text("ADMIN_DATABASE_URL")
    if url:
        if not url.startswith(("postgresql://", "postgres://")):
            reader.faults.append("ADMIN_DATABASE_URL must begin with postgresql://")
        return url
    host = reader.text("DB_HOST", "127.0.0.1")
    port = reader.integer("DB_PORT", 5432, minimum=1, maximum=65_535)
    user = reader.text("POSTGRES_USER", "postgres")
    password = reader.text("POSTGRES_PASSWORD", DEVELOPMENT_POSTGRES_PASSWORD if development else "")
    if not development and password and is_weak_password(password):
        reader.faults.append(
            f"POSTGRES_PASSWORD is well known or easy to guess; {MAKE_SECRETS}. Or set SMARTTICKET_ENV=development"
        )
    credentials = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return f"postgresql://{credentials}@{host}:{port}/postgres"


def _password(reader: Reader, schema: str, development: bool) -> str:
    name = f"{schema.upper()}_DB_PASSWORD"
    password = reader.text(name) or reader.text("DB_PASSWORD") or (DEVELOPMENT_PASSWORD if development else "")
    if not development and is_weak_password(password):
        reader.faults.append(
            f"{name} (or DB_PASSWORD for all) is missing, a default or easy to guess; {MAKE_SECRETS}. "
            "Or set SMARTTICKET_ENV=development on a machine nobody else reaches"
        )
    return password
