"""Departments of companies."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from service_kit.database.statements import Prepared, run
from service_kit.messaging.columns import plain
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from routing_service.domain.departments import SEEDED, Department, Directory
from routing_service.domain.teams import Team, Teams

_HOLD = Prepared(
    "hold_departments",
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


def all_of(session: Session, company: int) -> list[Department]:
    """Return a company's departments in the order in which they were made."""
    query = text(f"select {COLUMNS} from departments where company_id = :company order by id")
    return [_department(row) for row in session.execute(query, {"company": company})]


def page(session: Session, company: int, *, after: int, limit: int) -> list[Department]:
    """Return up to `limit` departments of a company made after the department `after`, in that order."""
    query = text(
        f"select {COLUMNS} from departments where company_id = :company and id > :after order by id limit :limit"
    )
    return [_department(row) for row in session.execute(query, {"company": company, "after": after, "limit": limit})]


def named(session: Session, company: int, name: str) -> Department | None:
    """Return a company's department of exactly this name."""
    # lower(name) uses the index departments_name; the name itself must fit too.
    query = text(
        f"select {COLUMNS} from departments where company_id = :company and lower(name) = lower(:name) and name = :name"
    )
    return _first(session.execute(query, {"company": company, "name": name}).one_or_none())


def directories(session: Session, companies: Collection[int]) -> dict[int, Directory]:
    """Return, by company, where tickets may be sent; no department can be deleted until the transaction ends.

    Teams may change meanwhile: they are another service's, and this is what it told. A company without departments is
    left out.
    """
    active: defaultdict[int, dict[str, bool]] = defaultdict(dict)
    teams: defaultdict[int, dict[int, Team]] = defaultdict(dict)
    for row in run(session, [_HOLD], {"companies": plain(sorted(companies))}):
        if row.team_id is None:
            active[row.company_id][row.name] = row.is_active
        else:
            teams[row.company_id][row.team_id] = Team(row.team_id, row.name, row.department, row.is_active)
    return {company: Directory(names, Teams(teams[company])) for company, names in active.items()}


def seed(session: Session, companies: Collection[int]) -> list[Department]:
    """Give companies the departments everybody starts with; return those that weren't there yet."""
    query = text(
        "insert into departments (company_id, name, description)"
        " select company, name, description"
        " from unnest(cast(:companies as int[])) as company,"
        " unnest(cast(:names as text[]), cast(:descriptions as text[])) with ordinality as seeded(name, description, n)"
        " order by company, n"
        f" on conflict (company_id, lower(name)) do nothing returning {COLUMNS}"
    )
    names, descriptions = zip(*SEEDED, strict=True)
    # Sweeps find companies there; one met by a request has had no event that would have entered it.
    session.execute(
        text("insert into companies (id) select unnest(cast(:companies as int[])) on conflict (id) do nothing"),
        {"companies": sorted(companies)},
    )
    rows = session.execute(
        query, {"companies": sorted(companies), "names": list(names), "descriptions": list(descriptions)}
    )
    return [_department(row) for row in rows]


def add(session: Session, company: int, name: str, description: str, is_active: bool) -> Department | None:
    """Store a new department; None where the company has one of that name, in whatever case."""
    query = text(
        "insert into departments (company_id, name, description, is_active)"
        " values (:company, :name, :description, :is_active)"
        f" on conflict (company_id, lower(name)) do nothing returning {COLUMNS}"
    )
    values = {"company": company, "name": name, "description": description, "is_active": is_active}
    return _first(session.execute(query, values).one_or_none())


def change(session: Session, department: Department, *, description: str, is_active: bool) -> Department:
    """Store a locked department's new description and state under its next revision."""
    query = text(
        "update departments set description = :description, is_active = :is_active, revision = revision + 1,"
        f" updated_at = clock_timestamp() where company_id = :company and id = :id returning {COLUMNS}"
    )
    values = {"company": department.company_id, "id": department.id}
    return _department(session.execute(query, {**values, "description": description, "is_active": is_active}).one())


def count(session: Session, company: int) -> int:
    """Return how many departments a company has."""
    query = text("select count(*) from departments where company_id = :company")
    return int(session.execute(query, {"company": company}).scalar_one())


def remove(session: Session, department: Department) -> None:
    """Delete a locked department."""
    session.execute(
        text("delete from departments where company_id = :company and id = :id"),
        {"company": department.company_id, "id": department.id},
    )


def lock(session: Session, company: int, name: str) -> Department | None:
    """Return a department and hold it: nobody changes it, and no ticket is sent there, until the transaction ends."""
    query = text(
        f"select {COLUMNS} from departments"
        " where company_id = :company and lower(name) = lower(:name) and name = :name for update"
    )
    return _first(session.execute(query, {"company": company, "name": name}).one_or_none())


def _first(row: Row[Any] | None) -> Department | None:
    return None if row is None else _department(row)


def _department(row: Row[Any]) -> Department:
    return Department(**row._mapping)
