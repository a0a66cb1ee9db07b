"""A company's teams and who is in them."""

from dataclasses import dataclass, replace
from datetime import datetime

MAX_TEAMS = 200
MAX_MEMBERS = 200
ROLES = ("agent", "lead")


class TeamError(Exception):
    """A team can't be changed as wished; says why in words for the caller."""


class TeamNotFound(TeamError):
    """The company has no such team."""


class MemberNotFound(TeamError):
    """The team has no such member."""


class TeamExists(TeamError):
    """The company has a team of that name already, perhaps in other letters (case)."""


class MemberExists(TeamError):
    """The team has a member of that address already."""


class TooManyTeams(TeamError):
    """The company has as many teams as it may have."""


class TooManyMembers(TeamError):
    """The team has as many members as it may have."""


@dataclass(frozen=True)
class Member:
    """Somebody who works in a team; the address, in small letters, tells who."""

    email: str
    name: str
    role: str


@dataclass(frozen=True)
class Team:
    """A team as it is now, its members in the order in which they came."""

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
    """Raise TooManyTeams where one more would be too many."""
    if existing >= MAX_TEAMS:
        raise TooManyTeams(f"a company has at most {MAX_TEAMS} teams")


def members_after(team: Team, email: str) -> list[Member]:
    """Return the members whose addresses come after `email`, by address: a list that can be read in pages."""
    return sorted((each for each in team.members if each.email > email), key=lambda member: member.email)


def with_member(team: Team, member: Member) -> Team:
    """Return the team with one member more; raise MemberExists, TooManyMembers."""
    if any(each.email == member.email for each in team.members):
        raise MemberExists(f"{member.email} is in this team already")
    if len(team.members) >= MAX_MEMBERS:
        raise TooManyMembers(f"a team has at most {MAX_MEMBERS} members")
    return replace(team, members=(*team.members, member))


def without_member(team: Team, email: str) -> Team:
    """Return the team without the member of that address, in whatever case; raise MemberNotFound."""
    left = tuple(each for each in team.members if each.email != email.lower())
    if len(left) == len(team.members):
        raise MemberNotFound("the team has no such member")
    return replace(team, members=left)
