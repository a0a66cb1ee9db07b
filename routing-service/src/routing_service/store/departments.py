"""Departments of companies."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from service_kit.database.pg_arrays import pg_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from routing_service.domain.departments import SEEDED, Department, Directory
from routing_service.domain.teams import Team, Teams

_LOCK_DEPARTMENTS = Prepared(
    "lock_departments",
    """
    with held as materialized (
        select company_id, name, is_active from departments
        where company_id = any(:companies) order by id for key share
    )
    select company_id, name, is_active, null::bigint as team_id, null::text as department from held
    union all
    select company_id, name, is_active, team_id, department from teams
    where company_id = any(:companies) and not gone
    """,
    {"companies": "int[]"},
)

COLUMNS = "id, company_id, name, description, is_active, revision, created_at, updated_at"


def all_of(session: Session, company_id: int) -> list[Department]:
    """Return a company's departments in order of creation."""
    query = text(f"select {COLUMNS} from departments where company_id = :company order by id")
    return [_department(row) for row in session.execute(query, {"company": company_id})]


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[Department]:
    """Return up to `limit` departments created after the department `after`, in order of creation."""
    query = text(
        f"select {COLUMNS} from departments where company_id = :company and id > :after order by id limit :limit"
    )
    return [_department(row) for row in session.execute(query, {"company": company_id, "after": after, "limit": limit})]


def named(session: Session, company_id: int, name: str) -> Department | None:
    """Return a company's department of exactly this name, None without one. Index: departments_name (lower(name))."""
    query = text(
        f"select {COLUMNS} from departments where company_id = :company and lower(name) = lower(:name) and name = :name"
    )
    return _first(session.execute(query, {"company": company_id, "name": name}).one_or_none())


def directories(session: Session, company_ids: Collection[int]) -> dict[int, Directory]:
    """Return the directory of each company and lock its departments against deletion until the transaction ends.

    Teams aren't locked: they are a replica of auth-service's. A company without departments is left out.
    """
    active: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    teams: defaultdict[int, dict[int, Team]] = defaultdict(dict)
    for row in run(session, [_LOCK_DEPARTMENTS], {"companies": pg_array(sorted(company_ids))}):
        if row.team_id is None:
            active[row.company_id][row.name] = row.is_active
        else:
            teams[row.company_id][row.team_id] = Team(row.team_id, row.name, row.department, row.is_active)
    return {company_id: Directory(names, Teams(teams[company_id])) for company_id, names in active.items()}


def seed(session: Session, company_ids: Collection[int]) -> list[Department]:
    """Insert the departments that every company starts with; return those that were missing."""
    query = text(
        "insert into departments (company_id, name, description)"
        " select company, name, description"
        " from unnest(cast(:companies as int[])) as company,"
        " unnest(cast(:names as text[]), cast(:descriptions as text[])) with ordinality as seeded(name, description, n)"
        " order by company, n"
        f" on conflict (company_id, lower(name)) do nothing returning {COLUMNS}"
    )
    names, descriptions = zip(*SEEDED, strict=True)
    # Maintenance jobs read this list; a company seeded by a request isn't on it before its first event.
    session.execute(
        text("insert into companies (id) select unnest(cast(:companies as int[])) on conflict (id) do nothing"),
        {"companies": sorted(company_ids)},
    )
    rows = session.execute(
        query, {"companies": sorted(company_ids), "names": list(names), "descriptions": list(descriptions)}
    )
    return [_department(row) for row in rows]


def add(session: Session, company_id: int, name: str, description: str, is_active: bool) -> Department | None:
    """Insert a department and return it; None where the company has one of that name, ignoring case."""
    query = text(
        "insert into departments (company_id, name, description, is_active)"
        " values (:company, :name, :description, :is_active)"
        f" on conflict (company_id, lower(name)) do nothing returning {COLUMNS}"
    )
    values = {"company": company_id, "name": name, "description": description, "is_active": is_active}
    return _first(session.execute(query, values).one_or_none())


def change(session: Session, department: Department, *, description: str, is_active: bool) -> Department:
    """Update a locked department's description and state, with the next revision."""
    query = text(
        "update departments set description = :description, is_active = :is_active, revision = revision + 1,"
        f" updated_at = clock_timestamp() where company_id = :company and id = :id returning {COLUMNS}"
    )
    values = {"company": department.company_id, "id": department.id}
    return _department(session.execute(query, {**values, "description": description, "is_active": is_active}).one())


def count(session: Session, company_id: int) -> int:
    """Return how many departments a company has."""
    query = text("select count(*) from departments where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def remove(session: Session, department: Department) -> None:
    """Delete a locked department."""
    session.execute(
        text("delete from departments where company_id = :company and id = :id"),
        {"company": department.company_id, "id": department.id},
    )


def lock(session: Session, company_id: int, name: str) -> Department | None:
    """Lock a department until the transaction ends: no change and no routing to it; None without one."""
    query = text(
        f"select {COLUMNS} from departments"
        " where company_id = :company and lower(name) = lower(:name) and name = :name for update"
    )
    return _first(session.execute(query, {"company": company_id, "name": name}).one_or_none())


def _first(row: Row[Any] | None) -> Department | None:
    return None if row is None else _department(row)


def _department(row: Row[Any]) -> Department:
    return Department(**row._mapping)
