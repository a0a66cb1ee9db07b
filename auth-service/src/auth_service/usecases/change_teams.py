"""Add, change and delete teams, and add and remove their members."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.team import (
    Member,
    Team,
    TeamExists,
    TeamNotFound,
    check_number,
    with_changed_member,
    with_member,
    without_member,
)
from auth_service.events import team_created, team_deleted
from auth_service.store import teams
from auth_service.usecases import change_companies
from auth_service.usecases.team_events import updated_teams


def get_team(session: Session, company_id: int, team_id: int) -> Team:
    """Return a team; raise TeamNotFound."""
    found = teams.find(session, company_id, team_id)
    if found is None:
        raise TeamNotFound(f"there is no team {team_id}")
    return found


def add_team(
    session: Session, company_id: int, new: Mapping[str, Any], *, cause: Cause, idempotency_key: IdempotencyKey[Team]
) -> Team:
    """Add a team and publish `team.created`.

    Raises TeamExists, TooManyTeams, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        change_companies.lock_company(session, company_id, cause)
        if teams.name_exists(session, company_id, new["name"]):
            raise TeamExists(f"there is a team {new['name']!r} already")
        check_number(teams.count(session, company_id))
        added = teams.add(session, company_id, **new)
        outbox.add(session, team_created(added, cause))
        idempotency_key.store(session, added)
    return added


def change_team(
    session: Session,
    company_id: int,
    team_id: int,
    change: Mapping[str, Any],
    *,
    precondition: Precondition[Team],
    cause: Cause,
) -> Team:
    """Change a team and publish `team.updated`; equal values change nothing.

    Raises TeamNotFound, PreconditionFailed, TeamExists.
    """
    with session.begin():
        before = _locked(session, company_id, team_id, precondition, cause)
        after = replace(before, **change)
        if after == before:
            return before
        if teams.name_exists(session, company_id, after.name, except_id=team_id):
            raise TeamExists(f"there is a team {after.name!r} already")
        return _store(session, after, cause)


def delete_team(
    session: Session, company_id: int, team_id: int, *, precondition: Precondition[Team], cause: Cause
) -> None:
    """Delete a team and publish `team.deleted`; raise TeamNotFound, PreconditionFailed."""
    with session.begin():
        team = _locked(session, company_id, team_id, precondition, cause)
        teams.remove(session, team)
        outbox.add(session, team_deleted(team, datetime.now(UTC), cause))


def add_member(
    session: Session,
    company_id: int,
    team_id: int,
    member: Member,
    *,
    precondition: Precondition[Team],
    cause: Cause,
    idempotency_key: IdempotencyKey[Member],
) -> Member:
    """Add a member to a team and publish `team.updated`.

    Raises TeamNotFound, PreconditionFailed, MemberExists, TooManyMembers, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        team = _locked(session, company_id, team_id, precondition, cause)
        _store(session, with_member(team, member), cause)
        idempotency_key.store(session, member)
    return member


def change_member(
    session: Session,
    company_id: int,
    team_id: int,
    email: str,
    change: Mapping[str, Any],
    *,
    precondition: Precondition[Team],
    cause: Cause,
) -> Team:
    """Change the fields of a member that `change` names, and publish `team.updated` where that changes something.

    Raises TeamNotFound, PreconditionFailed, MemberNotFound.
    """
    with session.begin():
        before = _locked(session, company_id, team_id, precondition, cause)
        after = with_changed_member(before, email, change)
        return before if after == before else _store(session, after, cause)


def remove_member(
    session: Session, company_id: int, team_id: int, email: str, *, precondition: Precondition[Team], cause: Cause
) -> None:
    """Remove a member from a team and publish `team.updated`.

    Raises TeamNotFound, PreconditionFailed, MemberNotFound.
    """
    with session.begin():
        team = _locked(session, company_id, team_id, precondition, cause)
        _store(session, without_member(team, email), cause)


def _locked(session: Session, company_id: int, team_id: int, precondition: Precondition[Team], cause: Cause) -> Team:
    """Lock the company and return a team that fulfils the precondition."""
    change_companies.lock_company(session, company_id, cause)
    team = get_team(session, company_id, team_id)
    precondition.check(team)
    return team


def _store(session: Session, team: Team, cause: Cause) -> Team:
    stored = teams.change(session, team)
    outbox.add_all(session, updated_teams(session, [stored], cause))
    return stored
