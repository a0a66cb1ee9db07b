"""The three database roles of a service, and the check of their rights."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection


class UnsafeRole(Exception):
    """The role of a service could bypass row-level security."""


@dataclass(frozen=True)
class Roles:
    """The names of a service's roles: the owner migrates and never logs in, the app serves, the relay publishes."""

    owner: str
    app: str
    relay: str


def check_role(connection: Connection, schema: str) -> None:
    """Raise UnsafeRole if the connected role is a superuser, may bypass row-level security or acts as an owner."""
    row = connection.execute(
        text("""
            select current_user, rolsuper, rolbypassrls,
                   exists (select from pg_namespace where nspname = :schema and pg_has_role(nspowner, 'member'))
                   or exists (
                       select from pg_class
                       where relnamespace = to_regnamespace(:schema) and pg_has_role(relowner, 'member')
                   ) as owns
            from pg_roles where rolname = current_user
        """),
        {"schema": schema},
    ).one()
    for fault, found in (
        ("is a superuser", row.rolsuper),
        ("may bypass row-level security", row.rolbypassrls),
        (f"owns the schema {schema} or a table in it", row.owns),
    ):
        if found:
            raise UnsafeRole(f"database role {row.current_user} {fault}; connect as the service's own app role")
