"""Which teams a person may wish for, as far as this service has heard."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Team:
    """A team that takes tickets: those of its department, or of all of them where it has none."""

    team_id: int
    name: str
    department: str | None


@dataclass(frozen=True)
class NamedTeam:
    """The team that an edit names; None: no team is to have the ticket."""

    name: str | None
