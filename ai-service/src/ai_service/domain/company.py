"""The facts about a company that categorizing one of its tickets needs."""

from dataclasses import dataclass, field

from ai_service.domain.cascade_settings import CascadeSettings, Spending
from ai_service.domain.departments import Departments
from ai_service.domain.priority.rules import Rule


class CompanyNotFound(Exception):
    """There is no such company for the caller."""


@dataclass(frozen=True)
class Team:
    """A team that may get tickets."""

    team_id: int
    name: str
    description: str
    assigned_tickets: tuple[int, ...] = ()
    """The ids of the tickets that people assigned to it, newest first."""


@dataclass(frozen=True)
class Company:
    """A company's departments, teams, automation settings, priority rules, models and budgets.

    Automation is on for a company of which no event has arrived.
    """

    departments: Departments
    auto_categorize: bool = True
    auto_prioritize: bool = True
    auto_assign: bool = True
    rules: tuple[Rule, ...] = ()
    """The active rules, in the order in which they are applied."""
    teams: tuple[Team, ...] = ()
    """The active teams."""
    model: str | None = None
    """The version of the serving model; None before the first."""
    team_head_run: int | None = None
    """The training run that made this model's head for teams; None where it has none. A later run may replace it."""
    shadow: bool = False
    """Whether shadow mode is on: a model that doesn't serve classifies new tickets, too."""
    candidate: str | None = None
    """The newest model that never served and is younger than the serving one."""
    cascade: CascadeSettings = field(default_factory=CascadeSettings)
    spending: Spending = field(default_factory=Spending)
    """The ledger's sums of today and this month."""
