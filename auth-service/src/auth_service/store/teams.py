"""Teams of companies. Who changes them holds the company (`companies.lock`), so no two changes meet here."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.team import Member, Team

COLUMNS = "id, company_id, name, description, is_active, department, members, revision, created_at, updated_at"


def page(session: Session, company: int, *, after: int, limit: int) -> list[Team]:
    """Return up to `limit` teams of a company made after the team `after`, in the order in which they were made."""
    query = text(f"select {COLUMNS} from teams where company_id = :company and id > :after order by id limit :limit")
    return [_team(row) for row in session.execute(query, {"company": company, "after": after, "limit": limit})]


def find(session: Session, company: int, team_id: int) -> Team | None:
    """Return a company's team."""
    query = text(f"select {COLUMNS} from teams where company_id = :company and id = :id")
    row = session.execute(query, {"company": company, "id": team_id}).one_or_none()
    return None if row is None else _team(row)


def count(session: Session, company: int) -> int:
    """Return how many teams a company has."""
    query = text("select count(*) from teams where company_id = :company")
    return int(session.execute(query, {"company": company}).scalar_one())


def is_taken(session: Session, company: int, name: str, *, besides: int = 0) -> bool:
    """Tell whether a team other than `besides` has that name, in whatever case."""
    query = text(
        "select exists (select from teams"
        " where company_id = :company and lower(name) = lower(:name) and id <> :besides)"
    )
    return bool(session.execute(query, {"company": company, "name": name, "besides": besides}).scalar_one())


def add(session: Session, company: int, name: str, description: str, is_active: bool, department: str | None) -> Team:
    """Store a new team without members."""
    query = text(
        "insert into teams (company_id, name, description, is_active, department)"
        f" values (:company, :name, :description, :is_active, :department) returning {COLUMNS}"
    )
    values = {
        "company": company,
        "name": name,
        "description": description,
        "is_active": is_active,
        "department": department,
    }
    return _team(session.execute(query, values).one())


def change(session: Session, team: Team) -> Team:
    """Store what a team is now, under its next revision."""
    query = text(
        "update teams set name = :name, description = :description, is_active = :is_active, department = :department,"
        " members = cast(:members as jsonb), revision = revision + 1, updated_at = clock_timestamp()"
        f" where company_id = :company_id and id = :id returning {COLUMNS}"
    )
    members = orjson.dumps([vars(member) for member in team.members]).decode()
    return _team(session.execute(query, {**vars(team), "members": members}).one())


def remove(session: Session, team: Team) -> None:
    """Delete a team."""
    session.execute(
        text("delete from teams where company_id = :company and id = :id"),
        {"company": team.company_id, "id": team.id},
    )


def _team(row: Row[Any]) -> Team:
    return Team(**{**row._mapping, "members": tuple(Member(**member) for member in row.members)})
