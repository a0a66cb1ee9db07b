"""A company's departments, as routing-service's events describe them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ticket_service.domain.errors import UnknownDepartment

SEEDED = frozenset({"IT Support", "HR", "Facilities", "Finance", "General"})
"""The departments that every company starts with; valid even before routing-service's events arrive."""


@dataclass(frozen=True)
class Department:
    """A department as last published; `is_active` is false for a deleted one too."""

    name: str
    is_active: bool


def routable(published: Iterable[Department]) -> frozenset[str]:
    """Return the names of the departments that a ticket may be routed to."""
    published = list(published)
    return SEEDED - {d.name for d in published} | {d.name for d in published if d.is_active}


def all_names(published: Iterable[Department]) -> frozenset[str]:
    """Return the names of all departments that tickets may be in, deleted ones too."""
    return SEEDED | {d.name for d in published}


def check_known(wanted: Iterable[str], published: Iterable[Department], field: str = "department") -> None:
    """Raise UnknownDepartment, with the name of the `field`, unless tickets may be in each of the wanted ones."""
    known = all_names(published)
    for name in wanted:
        if name not in known:
            raise UnknownDepartment(name, field)
