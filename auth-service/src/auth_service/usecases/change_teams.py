"""A company's people add, change and delete teams, and say who is in them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from service_kit.http.idempotency import Once
from service_kit.messaging import outbox
from service_kit.messaging.event import Cause
from sqlalchemy.orm import Session

from auth_service.announcements import team_created, team_deleted, team_updated
from auth_service.domain.team import Member, Team, TeamExists, TeamNotFound, check_number, with_member, without_member
from auth_service.store import teams
from auth_service.usecases import companies


def get_team(session: Session, company: int, team_id: int) -> Team:
    """Return a team; raise TeamNotFound."""
    found = teams.find(session, company, team_id)
    if found is None:
        raise TeamNotFound(f"there is no team {team_id}")
    return found


def add_team(session: Session, company: int, new: Mapping[str, Any], *, cause: Cause, again: Once[Team]) -> Team:
    """Enter and announce a team.

    Raises TeamExists, TooManyTeams, and AnsweredBefore for a repeated Idempotency-Key.
    """
    with session.begin():
        again.claim(session)
        companies.hold(session, company, cause)
        if teams.is_taken(session, company, new["name"]):
            raise TeamExists(f"there is a team {new['name']!r} already")
        check_number(teams.count(session, company))
        added = teams.add(session, company, **new)
        outbox.add(session, team_created(added, cause))
        again.remember(session, added)
    return added


def change_team(session: Session, company: int, team_id: int, change: Mapping[str, Any], cause: Cause) -> Team:
    """Change and announce what was given; the same again changes nothing. Raises TeamNotFound, TeamExists."""
    with session.begin():
        companies.hold(session, company, cause)
        before = get_team(session, company, team_id)
        after = replace(before, **change)
        if after == before:
            return before
        if teams.is_taken(session, company, after.name, besides=team_id):
            raise TeamExists(f"there is a team {after.name!r} already")
        return _store(session, after, cause)


def delete_team(session: Session, company: int, team_id: int, cause: Cause) -> None:
    """Delete and announce a team; raise TeamNotFound."""
    with session.begin():
        companies.hold(session, company, cause)
        team = get_team(session, company, team_id)
        teams.remove(session, team)
        outbox.add(session, team_deleted(team, datetime.now(UTC), cause))


def add_member(
    session: Session, company: int, team_id: int, member: Member, *, cause: Cause, again: Once[Member]
) -> Member:
    """Put somebody into a team and announce the team.

    Raises TeamNotFound, MemberExists, TooManyMembers, and AnsweredBefore for a repeated Idempotency-Key.
    """
    with session.begin():
        again.claim(session)
        companies.hold(session, company, cause)
        _store(session, with_member(get_team(session, company, team_id), member), cause)
        again.remember(session, member)
    return member


def remove_member(session: Session, company: int, team_id: int, email: str, cause: Cause) -> None:
    """Take somebody out of a team and announce the team; raise TeamNotFound, MemberNotFound."""
    with session.begin():
        companies.hold(session, company, cause)
        _store(session, without_member(get_team(session, company, team_id), email), cause)


def _store(session: Session, team: Team, cause: Cause) -> Team:
    stored = teams.change(session, team)
    outbox.add(session, team_updated(stored, cause))
    return stored
