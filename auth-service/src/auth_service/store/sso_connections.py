"""Connections to OpenID providers (`sso_connections`). Changes lock the company first (`companies.lock`)."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.sso_connection import Connection

COLUMNS = (
    "company_id, id, number, name, issuer, client_id, client_secret_sealed, scopes, domains, groups_claim, role_map,"
    " default_role, create_users, verified_claim, is_active, revision, created_at, updated_at"
)


def find_company(session: Session, connection_id: UUID) -> int | None:
    """Return the company of a connection, None where there is none; the session needs no company."""
    query = text("select company_id from auth.find_sso_connection(:id)")
    company_id: int | None = session.execute(query, {"id": str(connection_id)}).scalar_one_or_none()
    return company_id


def find(session: Session, company_id: int, connection_id: UUID) -> Connection | None:
    """Return a company's connection, None where there is none."""
    query = text(f"select {COLUMNS} from sso_connections where company_id = :company and id = :id")
    row = session.execute(query, {"company": company_id, "id": str(connection_id)}).one_or_none()
    return None if row is None else _connection(row)


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[Connection]:
    """Return up to `limit` connections with a number above `after`."""
    query = text(
        f"select {COLUMNS} from sso_connections where company_id = :company and number > :after"
        " order by number limit :limit"
    )
    return [_connection(row) for row in session.execute(query, {"company": company_id, "after": after, "limit": limit})]


def count(session: Session, company_id: int) -> int:
    """Return how many connections a company has."""
    query = text("select count(*) from sso_connections where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def add(session: Session, connection: Connection) -> Connection:
    """Insert a connection and return it with its number, revision and times."""
    query = text(
        "insert into sso_connections (company_id, id, name, issuer, client_id, client_secret_sealed, scopes, domains,"
        " groups_claim, role_map, default_role, create_users, verified_claim, is_active)"
        " values (:company_id, :id, :name, :issuer, :client_id, :client_secret_sealed, :scopes, :domains,"
        " :groups_claim, cast(:role_map as jsonb), :default_role, :create_users, :verified_claim, :is_active)"
        f" returning {COLUMNS}"
    )
    return _connection(session.execute(query, _values(connection)).one())


def change(session: Session, connection: Connection) -> Connection:
    """Update a connection, with the next revision."""
    query = text(
        "update sso_connections set name = :name, issuer = :issuer, client_id = :client_id,"
        " client_secret_sealed = :client_secret_sealed, scopes = :scopes, domains = :domains,"
        " groups_claim = :groups_claim, role_map = cast(:role_map as jsonb), default_role = :default_role,"
        " create_users = :create_users, verified_claim = :verified_claim, is_active = :is_active,"
        " revision = revision + 1, updated_at = clock_timestamp()"
        f" where company_id = :company_id and id = :id returning {COLUMNS}"
    )
    return _connection(session.execute(query, _values(connection)).one())


def remove(session: Session, company_id: int, connection_id: UUID) -> bool:
    """Delete a connection with the sign-ins that are under way; return whether there was one."""
    query = text("delete from sso_connections where company_id = :company and id = :id returning id")
    return session.execute(query, {"company": company_id, "id": str(connection_id)}).first() is not None


def _values(connection: Connection) -> dict[str, Any]:
    return {
        **vars(connection),
        "id": str(connection.id),
        "scopes": list(connection.scopes),
        "domains": list(connection.domains),
        "role_map": orjson.dumps(connection.role_map).decode(),
    }


def _connection(row: Row[Any]) -> Connection:
    values = dict(row._mapping)
    sealed = values["client_secret_sealed"]
    values |= {"id": UUID(str(values["id"])), "client_secret_sealed": None if sealed is None else bytes(sealed)}
    return Connection(**values)
