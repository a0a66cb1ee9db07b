"""The operator's access to the system of this machine: its secrets lie in the home, so no account is needed."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager

import click
from auth_service.api.fields import email_key
from auth_service.command_line import new_password, operator_of
from auth_service.domain.user import ADMIN, MACHINE_DOMAIN, EmailTaken, UsernameTaken, UserNotFound
from auth_service.service import SERVICE
from auth_service.usecases.operate import Operator
from service_kit.database.engine import Database
from service_kit.service_settings import read_service_settings
from service_kit.settings import BadSettings, Reader
from service_kit.telemetry.logs import configure_logging
from smartticket_contracts.services import registry

from launcher.data_directory import OPERATOR_KEY, DataDirectory
from launcher.embedded_settings import ports, service_mapping

COMMAND_LINE = f"command-line@{MACHINE_DOMAIN}"
"""The account whose API key the commands use. It has no password, so nobody logs in with it."""
IN_CONTAINERS = (
    "In containers these commands run beside the database:"
    " `docker compose exec auth-service python -m auth_service.command_line …`"
)
STATEMENT_TIMEOUT_MS = 60_000
"""Queries for all companies have no index: it begins with the company."""
DEMO_ROLES = ("requester", "agent", "manager", "admin")
DEMO_PASSWORD = "demo_password"  # noqa: S105 - the name of a secret


def operator(home: DataDirectory) -> AbstractContextManager[Operator]:
    """Give the operator of the running system; raise click.ClickException where none runs here."""
    configure_logging("WARNING", sys.stderr)  # standard output belongs to the command
    database = home.read_state().get("database")
    if not database:
        raise click.ClickException(
            f"no system of {home.root} is running; start it with `smart-ticket up`, or name its folder by --home."
            f" {IN_CONTAINERS}"
        )
    try:
        mapping = service_mapping(SERVICE.name, os.environ, home, ports(os.environ), database)
        return operator_of(SERVICE.read_settings(mapping))
    except (BadSettings, ValueError) as error:
        raise click.ClickException(str(error)) from error


def databases(home: DataDirectory) -> dict[str, Database]:
    """Return the database of each service of the system that runs here, {} where none runs; connects to none."""
    state = home.read_state().get("database")
    if not state:
        return {}
    try:
        port_by_service = ports(os.environ)
        return {
            name: _database(name, service.schema, service_mapping(name, os.environ, home, port_by_service, state))
            for name, service in registry().items()
            if service.schema
        }
    except (BadSettings, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _database(name: str, schema: str, mapping: Mapping[str, str]) -> Database:
    reader = Reader(mapping)
    settings = read_service_settings(reader, service=name, schema=schema, port=0)
    reader.finish()
    return Database(
        settings["database_url"],
        schema=schema,
        relay_url=settings["relay_database_url"],
        statement_timeout_ms=STATEMENT_TIMEOUT_MS,
    )


def own_keys(home: DataDirectory) -> Iterator[str]:
    """Yield the command line's API key of this machine, then a new one where that is refused."""
    if stored := home.existing_secret(OPERATOR_KEY):
        yield stored
    if home.read_state().get("database"):
        with operator(home) as acting:
            key = _new_key(acting)
        home.replace_secret(OPERATOR_KEY, key)
        yield key


def demo_password(home: DataDirectory) -> str:
    """Return the password of the demo logins, made at its first use."""
    if not home.existing_secret(DEMO_PASSWORD):
        home.replace_secret(DEMO_PASSWORD, new_password())
    return home.existing_secret(DEMO_PASSWORD)


def add_demo_people(home: DataDirectory) -> list[tuple[str, str]]:
    """Add a login for each role to the demo company, all with the same generated password.

    Return (role, e-mail address) of each. Those of an earlier start keep their password and may log in again.
    """
    password = demo_password(home)
    people = [(role, f"{role}@demo.example") for role in DEMO_ROLES]
    with operator(home) as acting:
        for role, email in people:
            _add_demo_person(acting, role, email, password)
    return people


def end_demo_people(home: DataDirectory) -> list[str]:
    """Deactivate the demo logins that a start in development mode let in; return the addresses of those."""
    if not home.existing_secret(DEMO_PASSWORD):
        return []
    ended = []
    with operator(home) as acting:
        for email in (f"{role}@demo.example" for role in DEMO_ROLES):
            with contextlib.suppress(UserNotFound):
                if acting.set_active(acting.find_user(email_key(email)), active=False):
                    ended.append(email)
    return ended


def _add_demo_person(acting: Operator, role: str, email: str, password: str) -> None:
    key = email_key(email)
    try:
        acting.set_active(acting.find_user(key), active=True)
    except UserNotFound:
        # Somebody may have the address in another company, or the name in this one.
        with contextlib.suppress(EmailTaken, UsernameTaken):
            acting.add_user(email=email, email_key=key, username=f"Demo {role}", role=role, password=password)


def _new_key(acting: Operator) -> str:
    key = email_key(COMMAND_LINE)
    try:
        user = acting.find_user(key)
    except UserNotFound:
        user = acting.add_user(email=COMMAND_LINE, email_key=key, username="Command line", role=ADMIN, password=None)
    return acting.new_key(user)
