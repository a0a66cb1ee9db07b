"""The teams that a person may request."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Team:
    """A team that takes tickets: those of its department, or of every department where it has none."""

    team_id: int
    name: str
    department: str | None


@dataclass(frozen=True)
class NamedTeam:
    """The team that an edit names; `name` None requests no team."""

    name: str | None
