"""Which departments a company has, as far as this service has heard."""

from collections.abc import Iterable
from dataclasses import dataclass

SEEDED = frozenset({"IT Support", "HR", "Facilities", "Finance", "General"})
"""What every company starts with, true already before routing-service's announcement arrives."""


@dataclass(frozen=True)
class Department:
    """A department as it was last announced; `is_active` is false for a deleted one too."""

    name: str
    is_active: bool


def routable(announced: Iterable[Department]) -> frozenset[str]:
    """Name the departments that a ticket may be sent to."""
    announced = list(announced)
    return SEEDED - {d.name for d in announced} | {d.name for d in announced if d.is_active}


def ever_known(announced: Iterable[Department]) -> frozenset[str]:
    """Name the departments that tickets may be found in: those that are gone, too."""
    return SEEDED | {d.name for d in announced}
