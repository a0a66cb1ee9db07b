"""Teams of companies. Every change locks the company first (`companies.lock`), so changes never run concurrently."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.team import Member, Team

COLUMNS = "id, company_id, name, description, is_active, department, members, revision, created_at, updated_at"


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[Team]:
    """Return up to `limit` teams of a company created after the team `after`, in order of creation."""
    query = text(f"select {COLUMNS} from teams where company_id = :company and id > :after order by id limit :limit")
    return [_team(row) for row in session.execute(query, {"company": company_id, "after": after, "limit": limit})]


def find(session: Session, company_id: int, team_id: int) -> Team | None:
    """Return a company's team, None where there is none."""
    query = text(f"select {COLUMNS} from teams where company_id = :company and id = :id")
    row = session.execute(query, {"company": company_id, "id": team_id}).one_or_none()
    return None if row is None else _team(row)


def with_member(session: Session, company_id: int, email: str) -> list[Team]:
    """Return a company's teams that have a member with that address in lower case."""
    query = text(
        f"select {COLUMNS} from teams where company_id = :company"
        " and members @> jsonb_build_array(jsonb_build_object('email', cast(:email as text))) order by id"
    )
    return [_team(row) for row in session.execute(query, {"company": company_id, "email": email})]


def count(session: Session, company_id: int) -> int:
    """Return how many teams a company has."""
    query = text("select count(*) from teams where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def name_exists(session: Session, company_id: int, name: str, *, except_id: int = 0) -> bool:
    """Return whether a team other than `except_id` has that name, ignoring case."""
    query = text(
        "select exists (select from teams"
        " where company_id = :company and lower(name) = lower(:name) and id <> :except_id)"
    )
    return bool(session.execute(query, {"company": company_id, "name": name, "except_id": except_id}).scalar_one())


def add(
    session: Session, company_id: int, name: str, description: str, is_active: bool, department: str | None
) -> Team:
    """Insert a team without members and return it."""
    query = text(
        "insert into teams (company_id, name, description, is_active, department)"
        f" values (:company, :name, :description, :is_active, :department) returning {COLUMNS}"
    )
    values = {
        "company": company_id,
        "name": name,
        "description": description,
        "is_active": is_active,
        "department": department,
    }
    return _team(session.execute(query, values).one())


def change(session: Session, team: Team) -> Team:
    """Update a team, with the next revision."""
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


def _member(stored: Mapping[str, Any]) -> Member:
    # Members who joined before there were skills have none stored.
    return Member(**{**stored, "skills": tuple(stored.get("skills", ()))})


def _team(row: Row[Any]) -> Team:
    return Team(**{**row._mapping, "members": tuple(map(_member, row.members))})
