"""A company's teams, and which of them are eligible for a ticket."""

from dataclasses import dataclass, field


class TeamError(Exception):
    """A ticket can't be assigned to a team as requested; the message explains it to the caller."""


class TeamNotFound(TeamError):
    """The company has no such team."""


class TeamInactive(TeamError):
    """The team takes no tickets."""


class TeamOfAnotherDepartment(TeamError):
    """The team belongs to another department than the one the ticket is routed to."""


@dataclass(frozen=True)
class Team:
    """A team of auth-service; without a department it takes tickets of every department."""

    team_id: int
    name: str
    department: str | None
    is_active: bool


@dataclass(frozen=True)
class TeamChoice:
    """A person's choice of a team; `team_id` None chooses no team."""

    team_id: int | None


@dataclass(frozen=True)
class Teams:
    """The teams of one company, by id."""

    by_id: dict[int, Team] = field(default_factory=dict)

    def eligible(self, team_id: int | None, department: str) -> Team | None:
        """Return the team if it takes tickets of the department, else None."""
        team = self.by_id.get(team_id) if team_id is not None else None
        if team is None or not team.is_active or team.department not in (None, department):
            return None
        return team

    def with_team(self, team: Team) -> "Teams":
        """Return the teams with one added or replaced."""
        return Teams({**self.by_id, team.team_id: team})

    def check_eligible(self, team_id: int | None, department: str) -> None:
        """Raise TeamNotFound, TeamInactive or TeamOfAnotherDepartment unless the team is None or eligible."""
        if team_id is None or self.eligible(team_id, department) is not None:
            return
        team = self.by_id.get(team_id)
        if team is None:
            raise TeamNotFound(f"there is no team {team_id}")
        if not team.is_active:
            raise TeamInactive(f"the team {team.name!r} takes no tickets at present")
        raise TeamOfAnotherDepartment(f"the team {team.name!r} belongs to {team.department!r}, not to {department!r}")
