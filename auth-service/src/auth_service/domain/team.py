"""A company's teams and their members."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

MAX_TEAMS = 200
MAX_MEMBERS = 200
MAX_SKILLS = 50
MAX_SKILL_CHARACTERS = 50
ROLES = ("agent", "lead")


class TeamError(Exception):
    """A team can't be changed as requested; the message explains it to the caller."""


class TeamNotFound(TeamError):
    """The company has no such team."""


class MemberNotFound(TeamError):
    """The team has no such member."""


class TeamExists(TeamError):
    """The company already has a team of that name, ignoring case."""


class MemberExists(TeamError):
    """The team already has a member with that address."""


class TooManyTeams(TeamError):
    """The company has reached the limit of teams."""


class TooManyMembers(TeamError):
    """The team has reached the limit of members."""


@dataclass(frozen=True)
class Member:
    """A member of a team, identified by the address in lower case."""

    email: str
    name: str
    role: str
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Team:
    """A team as it is now, its members in the order in which they joined."""

    id: int
    company_id: int
    name: str
    description: str
    is_active: bool
    department: str | None
    members: tuple[Member, ...]
    revision: int
    created_at: datetime
    updated_at: datetime


def check_number(existing: int) -> None:
    """Raise TooManyTeams where `existing` teams are the limit."""
    if existing >= MAX_TEAMS:
        raise TooManyTeams(f"a company has at most {MAX_TEAMS} teams")


def members_after(team: Team, email: str) -> list[Member]:
    """Return the members whose addresses come after `email`, sorted by address, for reading in pages."""
    return sorted((member for member in team.members if member.email > email), key=lambda member: member.email)


def with_member(team: Team, member: Member) -> Team:
    """Return the team with one more member; raise MemberExists, TooManyMembers."""
    if any(existing.email == member.email for existing in team.members):
        raise MemberExists(f"{member.email} is in this team already")
    if len(team.members) >= MAX_MEMBERS:
        raise TooManyMembers(f"a team has at most {MAX_MEMBERS} members")
    return replace(team, members=(*team.members, member))


def with_changed_member(team: Team, email: str, change: Mapping[str, Any]) -> Team:
    """Return the team with other fields of the member with that address, ignoring case; raise MemberNotFound."""
    if not any(member.email == email.lower() for member in team.members):
        raise MemberNotFound("the team has no such member")
    changed = (replace(each, **change) if each.email == email.lower() else each for each in team.members)
    return replace(team, members=tuple(changed))


def without_member(team: Team, email: str) -> Team:
    """Return the team without the member with that address, ignoring case; raise MemberNotFound."""
    left = tuple(member for member in team.members if member.email != email.lower())
    if len(left) == len(team.members):
        raise MemberNotFound("the team has no such member")
    return replace(team, members=left)
