"""Creates the roles, the schema and the grants of one service. Runs are idempotent and may be concurrent."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2 import errors, sql
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from psycopg2.extensions import encrypt_password
from service_kit.database.engine import libpq_url, parse_url
from service_kit.database.roles import Roles

MAX_ATTEMPTS = 20
# Roles belong to the whole cluster, advisory locks to one database: two runs in different databases may change the same
# role. "tuple concurrently updated" is an internal error.
RACES = (errors.DuplicateObject, errors.DuplicateSchema, errors.UniqueViolation, errors.InternalError_)

_GRANTS = """
    grant connect on database {database} to {app}, {relay};
    create schema if not exists {schema} authorization {owner};
    alter schema {schema} owner to {owner};
    revoke all on schema {schema} from public;
    grant usage on schema {schema} to {app}, {relay};
    alter default privileges for role {owner} in schema {schema}
        grant select, insert, update, delete on tables to {app};
    alter default privileges for role {owner} in schema {schema} grant usage, select on sequences to {app};
"""


@contextmanager
def admin_connection(url: str) -> Iterator[PsycopgConnection]:
    """Yield a connection of the administrator in autocommit mode; close it afterwards."""
    connection = psycopg2.connect(libpq_url(url), connect_timeout=5)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def on_database(url: str, database: str) -> str:
    """Return the address of another database on the same server."""
    return parse_url(url).set(drivername="postgresql", database=database).render_as_string(hide_password=False)


def role_names(prefix: str, schema: str) -> Roles:
    """Return the role names of the service that owns `schema`, such as `smartticket_ticket_app`."""
    return Roles(*(f"{prefix}_{schema}_{kind}" for kind in ("owner", "app", "relay")))


def create_database(admin_url: str, database: str) -> bool:
    """Create `database` unless it exists; return whether it was missing."""
    with admin_connection(admin_url) as connection, connection.cursor() as cursor:
        cursor.execute("select from pg_database where datname = %s", (database,))
        if cursor.rowcount:
            return False
        try:
            cursor.execute(
                sql.SQL("create database {} encoding 'UTF8' template template0").format(sql.Identifier(database))
            )
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            return False
        return True


def close_database(admin_url: str, schemas: Sequence[str]) -> None:
    """Restrict the database to provisioned roles, and put all `schemas` on the administrator's search path."""

    def close(cursor: Any) -> None:
        cursor.execute("select current_database()")
        database = sql.Identifier(cursor.fetchone()[0])
        cursor.execute(sql.SQL("revoke all on database {} from public").format(database))
        cursor.execute("revoke all on schema public from public")
        path = sql.SQL(", ").join(sql.Identifier(schema) for schema in (*schemas, "public"))
        cursor.execute(sql.SQL("alter role current_user in database {} set search_path = {}").format(database, path))

    with admin_connection(admin_url) as connection:
        connection.autocommit = False
        _retry_races(connection, close)


def provision(admin_url: str, schema: str, *, prefix: str, app_password: str) -> Roles:
    """Create the owner, app and relay roles of one service, its schema and the grants; return the roles.

    `admin_url` is the administrator's address of the database. The app and the relay role log in with `app_password`;
    where it is empty, the server must authenticate them by another method. A second run changes only what differs.
    """
    roles = role_names(prefix, schema)
    with admin_connection(admin_url) as connection:
        connection.autocommit = False
        _retry_races(connection, lambda cursor: _provision(cursor, schema, roles, app_password))
    return roles


def _retry_races(connection: PsycopgConnection, work: Callable[[Any], None]) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("select pg_advisory_xact_lock(hashtext('smartticket provision'))")
                work(cursor)
        except RACES:
            if attempt == MAX_ATTEMPTS:
                raise
        else:
            return


def _provision(cursor: Any, schema: str, roles: Roles, password: str) -> None:
    _make_role(cursor, roles.owner, "nologin")
    for role in (roles.app, roles.relay):
        _make_role(cursor, role, "login")
        # The client hashes the password, so that no statement log contains it.
        verifier = encrypt_password(password, role, cursor.connection, "scram-sha-256") if password else None
        cursor.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier)),
        )
    cursor.execute("select rolsuper, current_database() from pg_roles where rolname = current_user")
    [(superuser, database)] = cursor.fetchall()
    # An administrator without superuser rights needs membership to act for the owner.
    statements = _GRANTS if superuser else f"grant {{owner}} to current_user;{_GRANTS}"
    names = {"database": database, "schema": schema, "owner": roles.owner, "app": roles.app, "relay": roles.relay}
    cursor.execute(sql.SQL(statements).format(**{key: sql.Identifier(name) for key, name in names.items()}))


def _make_role(cursor: Any, role: str, login: str) -> None:
    cursor.execute("select from pg_roles where rolname = %s", (role,))
    verb = "alter" if cursor.rowcount else "create"
    attributes = f"{login} nosuperuser nobypassrls nocreatedb nocreaterole noreplication noinherit"
    cursor.execute(sql.SQL(f"{verb} role {{}} {attributes}").format(sql.Identifier(role)))
