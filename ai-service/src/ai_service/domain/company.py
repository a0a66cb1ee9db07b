"""What reading a company's tickets needs to know of it."""

from dataclasses import dataclass

from ai_service.domain.departments import Departments
from ai_service.domain.priority.rules import Rule


@dataclass(frozen=True)
class Company:
    """A company's departments, what it leaves to machines, and its own rules for priorities.

    A company that nobody told of leaves everything to machines.
    """

    departments: Departments
    auto_categorize: bool = True
    auto_prioritize: bool = True
    rules: tuple[Rule, ...] = ()
    """The active ones, in the order in which they are asked."""
