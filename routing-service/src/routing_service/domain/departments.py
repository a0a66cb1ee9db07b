"""A company's departments and the rules for changing them."""

from dataclasses import dataclass, field
from datetime import datetime

from routing_service.domain.teams import Teams

GENERAL = "General"
"""The fallback department of tickets; it always exists and is always active."""

SEEDED: tuple[tuple[str, str], ...] = (
    ("IT Support", "Hardware, software, network, passwords, accounts and access to systems"),
    ("HR", "Leave, payroll questions, benefits, hiring, training and everything about employment"),
    ("Facilities", "Buildings, rooms, heating and cooling, furniture, cleaning, parking and keys"),
    ("Finance", "Invoices, payments, expenses, refunds, budgets and purchase orders"),
    (GENERAL, "Everything that belongs to no other department"),
)
"""Name and description of the departments that every company starts with."""

MAX_DEPARTMENTS = 100
"""More than one page holds and more than people can choose from."""


class DepartmentError(Exception):
    """A department can't be changed as requested; the message explains it to the caller."""


class DepartmentNotFound(DepartmentError):
    """The company has no department of that name."""


class DepartmentExists(DepartmentError):
    """The company already has a department of that name, ignoring case."""


class DepartmentInUse(DepartmentError):
    """Tickets are still routed there."""


class DepartmentInactive(DepartmentError):
    """A person may not route to a department that takes no tickets."""


class DepartmentIsFixed(DepartmentError):
    """General is the fallback department, so it can't be deleted or deactivated."""


class TooManyDepartments(DepartmentError):
    """The company has reached the limit of departments."""


@dataclass(frozen=True)
class Department:
    """A department as it is now."""

    id: int
    company_id: int
    name: str
    description: str
    is_active: bool
    revision: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Directory:
    """One company's departments, by name and with whether each accepts tickets, and its teams."""

    active: dict[str, bool] = field(default_factory=dict)
    teams: Teams = field(default_factory=Teams)

    def accepts_tickets(self, name: str) -> bool:
        """Return whether tickets may be routed to the department."""
        return self.active.get(name, False)

    def check_accepts(self, name: str) -> None:
        """Raise DepartmentNotFound or DepartmentInactive unless the department accepts tickets."""
        if name not in self.active:
            raise DepartmentNotFound(f"there is no department {name!r}")
        if not self.active[name]:
            raise DepartmentInactive(f"the department {name!r} takes no tickets at present")


def check_deactivation(name: str) -> None:
    """Raise DepartmentIsFixed for General."""
    if name == GENERAL:
        raise DepartmentIsFixed("General is the fallback department, so it stays active")


def check_deletion(name: str, tickets: int) -> None:
    """Raise DepartmentIsFixed for General, DepartmentInUse while `tickets` are routed there."""
    if name == GENERAL:
        raise DepartmentIsFixed("General is the fallback department, so it can't be deleted")
    if tickets:
        raise DepartmentInUse(f"{tickets} tickets are routed to {name!r}; reroute them, or deactivate the department")


def check_number(existing: int) -> None:
    """Raise TooManyDepartments where `existing` departments are the limit."""
    if existing >= MAX_DEPARTMENTS:
        raise TooManyDepartments(f"a company has at most {MAX_DEPARTMENTS} departments")
