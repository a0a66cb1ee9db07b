"""A company's teams, and which of them may get a ticket."""

from dataclasses import dataclass, field


class TeamError(Exception):
    """A ticket can't be given to a team as wished; says why in words for the caller."""


class TeamNotFound(TeamError):
    """The company has no such team."""


class TeamInactive(TeamError):
    """The team takes no tickets."""


class TeamElsewhere(TeamError):
    """The team belongs to another department than the one the ticket is routed to."""


@dataclass(frozen=True)
class Team:
    """A team as auth-service tells of it; without a department it takes tickets of all of them."""

    team_id: int
    name: str
    department: str | None
    is_active: bool


@dataclass(frozen=True)
class TeamChoice:
    """What a person says about the team; `team_id` None: none is to have the ticket."""

    team_id: int | None


@dataclass(frozen=True)
class Teams:
    """The teams of one company, by number."""

    known: dict[int, Team] = field(default_factory=dict)

    def fitting(self, team_id: int | None, department: str) -> Team | None:
        """Return the team if it takes tickets of that department, else None."""
        team = self.known.get(team_id) if team_id is not None else None
        if team is None or not team.is_active or team.department not in (None, department):
            return None
        return team

    def with_team(self, team: Team) -> "Teams":
        """Return the same with one team as it is now."""
        return Teams({**self.known, team.team_id: team})

    def expect(self, team_id: int | None, department: str) -> None:
        """Raise TeamNotFound, TeamInactive or TeamElsewhere where a person can't give a ticket there to the team."""
        if team_id is None or self.fitting(team_id, department) is not None:
            return
        team = self.known.get(team_id)
        if team is None:
            raise TeamNotFound(f"there is no team {team_id}")
        if not team.is_active:
            raise TeamInactive(f"the team {team.name!r} takes no tickets at present")
        raise TeamElsewhere(f"the team {team.name!r} belongs to {team.department!r}, not to {department!r}")
