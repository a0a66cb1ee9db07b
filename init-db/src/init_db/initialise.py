"""Prepares a database for the services: idempotent, and safe to run concurrently."""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic, sleep

import psycopg2
from service_kit.database.engine import parse_url
from service_kit.database.roles import Roles

from init_db import migrations, provision
from init_db.services import MigratedService, installed_services

RETRY_SECONDS = 0.5
REPORT_INTERVAL_SECONDS = 5.0
# libpq gives no code for a refused connection, only a message; waiting doesn't help against these errors.
PERMANENT_ERRORS = ("authentication failed", "pg_hba.conf", "no password supplied", "role ")

Report = Callable[[str], None]


class DatabaseUnreachable(Exception):
    """PostgreSQL can't be reached or refuses the administrator; the message names the settings to check."""


def report_nothing(_line: str) -> None:
    """Report nothing."""


def initialise(
    admin_url: str,
    *,
    passwords: Mapping[str, str],
    database: str = "smartticket",
    prefix: str = "smartticket",
    bus: str = "rabbitmq",
    services: Sequence[MigratedService] | None = None,
    wait_seconds: float = 60.0,
    report: Report = report_nothing,
) -> None:
    """Create the database, roles, schemas and grants, then migrate every service; with `bus` "postgres" that bus too.

    `admin_url` is the URL of a superuser on any database. `passwords` holds, by schema, the password of the service's
    app and relay roles. `services` defaults to all installed ones. `report` gets a line of progress at a time. Raises
    DatabaseUnreachable.
    """
    services = installed_services() if services is None else services
    admin_url = wait_for_postgres(admin_url, wait_seconds, report)
    if provision.create_database(admin_url, database):
        report(f"database {database} created")
    url = provision.on_database(admin_url, database)
    provision.close_database(url, [service.schema for service in services])
    roles: dict[str, Roles] = {}
    for service in services:
        roles[service.name] = provision.provision(
            url, service.schema, prefix=prefix, app_password=passwords[service.schema]
        )
        folder = migrations.folder_of(service.migrations)
        revision = migrations.upgrade(url, service.schema, roles[service.name], folder)
        report(f"{service.name}: schema {service.schema} at revision {revision}")
    if bus == "postgres":
        _install_bus(url, roles, prefix)
        report("bus: schema bus is ready")


def wait_for_postgres(admin_url: str, seconds: float, report: Report = report_nothing) -> str:
    """Wait until the administrator can log in; return the URL with a database that exists.

    Raises DatabaseUnreachable after `seconds`, and at once where waiting can't help.
    """
    deadline = monotonic() + seconds
    next_report_at = monotonic() + REPORT_INTERVAL_SECONDS / 5
    parsed = parse_url(admin_url)
    address = f"{parsed.host or 'the local socket'}:{parsed.port or 5432}"
    while True:
        try:
            return _first_existing(admin_url)
        except psycopg2.OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            if any(phrase in reason for phrase in PERMANENT_ERRORS):
                raise DatabaseUnreachable(
                    f"PostgreSQL at {address} refuses the administrator: {reason}; "
                    "check ADMIN_DATABASE_URL, or POSTGRES_USER and POSTGRES_PASSWORD"
                ) from error
            if monotonic() >= deadline:
                raise DatabaseUnreachable(
                    f"PostgreSQL at {address} did not answer within {seconds:g} s: {reason}; check DB_HOST and DB_PORT"
                ) from error
            if monotonic() >= next_report_at:
                report(f"waiting for PostgreSQL at {address}: {reason}")
                next_report_at = monotonic() + REPORT_INTERVAL_SECONDS
            sleep(RETRY_SECONDS)


def _first_existing(admin_url: str) -> str:
    own = parse_url(admin_url).database or "postgres"
    for database in dict.fromkeys((own, "postgres", "template1")):
        url = provision.on_database(admin_url, database)
        try:
            with provision.admin_connection(url):
                return url
        except psycopg2.OperationalError as error:
            if f'database "{database}" does not exist' not in str(error):
                raise
    raise DatabaseUnreachable(f"neither {own} nor postgres nor template1 exists to connect to")


def _install_bus(url: str, roles: Mapping[str, Roles], prefix: str) -> None:
    from eventbus.bus.postgres import install  # RabbitMQ does not need it

    with provision.admin_connection(url) as connection:
        install(connection, roles, prefix=prefix)
