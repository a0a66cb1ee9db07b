"""What reading a company's tickets needs to know of it."""

from dataclasses import dataclass, field

from ai_service.domain.departments import Departments
from ai_service.domain.ladder_settings import LadderSettings, Spent
from ai_service.domain.priority.rules import Rule


class CompanyNotFound(Exception):
    """The caller sees no such company."""


@dataclass(frozen=True)
class Team:
    """A team that may get tickets."""

    team_id: int
    name: str
    description: str
    given: tuple[int, ...] = ()
    """The tickets that people gave it last, newest first."""


@dataclass(frozen=True)
class Company:
    """A company's departments and teams, what it leaves to machines, and its own rules for priorities.

    A company that nobody told of leaves everything to machines.
    """

    departments: Departments
    auto_categorize: bool = True
    auto_prioritize: bool = True
    auto_assign: bool = True
    rules: tuple[Rule, ...] = ()
    """The active ones, in the order in which they are asked."""
    teams: tuple[Team, ...] = ()
    """The active ones."""
    model: str | None = None
    """The version of the trained model that serves; None before the first."""
    team_head_run: int | None = None
    """The run that gave this model its head for teams; None where it has none. A later one may give it another."""
    shadow: bool = False
    """Whether tickets are also read by who acts on nothing."""
    candidate: str | None = None
    """The newest trained model that never served and is younger than the one that does."""
    ladder: LadderSettings = field(default_factory=LadderSettings)
    spent: Spent = field(default_factory=Spent)
    """What the ledger says of today and this month."""
