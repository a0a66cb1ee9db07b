"""Creates the schema `bus`. It may run repeatedly and in two processes at the same time."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from service_kit.database.roles import Roles

DELIVERY_LIMIT = 100
# Any number that no other program uses as the first key of advisory locks in this database.
HOLDER_CLASS = 7_020_001
FILES = ("tables.sql", "publishing.sql", "receiving.sql")
# The functions that the services' roles may call. All others are internal.
FUNCTIONS = (
    "declare(text, text[])",
    "request_refill(text)",
    "refill_requests(text[], timestamptz[])",
    "publish(text[], text[], text[], bytea[], text[])",
    "open()",
    "receive(text, integer, float8, integer)",
    "settle(text, bigint[], bigint[])",
    "release(text, bigint[], bigint[])",
    "renew(text, bigint[], bigint[], float8)",
    "reclaim(text)",
    "depth(text)",
    "dead_letters(text, integer)",
    "forget_dead(text, bigint[])",
)


def install(connection: PsycopgConnection, roles: Mapping[str, Roles], *, prefix: str) -> None:
    """Create the schema with its tables and functions, and grant access to the app and relay roles of each service.

    `connection` is an administrator's, in autocommit; `roles` maps a service's name to its roles. The role
    `<prefix>_bus_owner` owns all objects and never logs in.
    """
    owner = f"{prefix}_bus_owner"
    with connection.cursor() as cursor:
        cursor.execute("begin")
        try:
            _install(cursor, owner, roles)
        except BaseException:
            cursor.execute("rollback")
            raise
        cursor.execute("commit")


def _install(cursor: Any, owner: str, roles: Mapping[str, Roles]) -> None:
    # Roles belong to the whole cluster. This lock belongs to one database, and so does a prefix.
    cursor.execute("select pg_advisory_xact_lock(hashtext('smartticket bus'))")
    cursor.execute("select from pg_roles where rolname = %s", (owner,))
    if not cursor.rowcount:
        cursor.execute(sql.SQL("create role {} nologin noinherit").format(sql.Identifier(owner)))
    cursor.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(owner)))
    cursor.execute(sql.SQL("create schema if not exists bus authorization {}").format(sql.Identifier(owner)))
    cursor.execute("revoke all on schema bus from public")
    cursor.execute(sql.SQL("set local role {}").format(sql.Identifier(owner)))
    for file in FILES:
        text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
        cursor.execute(
            text.replace("{holder_class}", str(HOLDER_CLASS)).replace("{delivery_limit}", str(DELIVERY_LIMIT))
        )
    cursor.execute("revoke all on all functions in schema bus from public")
    for service, names in roles.items():
        for role in (names.app, names.relay):
            cursor.execute(
                "insert into bus.principal (role, service) values (%s, %s) "
                "on conflict (role) do update set service = excluded.service",
                (role, service),
            )
            _grant(cursor, sql.Identifier(role))
    cursor.execute("reset role")


def _grant(cursor: Any, role: sql.Identifier) -> None:
    cursor.execute(sql.SQL("grant usage on schema bus to {}").format(role))
    for function in FUNCTIONS:
        cursor.execute(sql.SQL("grant execute on function bus.{} to {}").format(sql.SQL(function), role))
