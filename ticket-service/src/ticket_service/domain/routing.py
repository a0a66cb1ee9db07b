"""The precedence of routings: which of several a ticket shows."""

from collections.abc import Iterable
from dataclasses import dataclass

from ticket_service.domain.enums import PERSON, Priority


@dataclass(frozen=True)
class Routing:
    """One routing of a ticket: its department and team, the decider and the reason."""

    revision: int
    department: str
    category: str
    priority: Priority
    confidence_score: float
    need_admin: bool
    team_id: int | None
    team: str | None
    decided_by: str
    reason: str
    request_revision: int = 0
    """The revision of the newest routing request that this routing answers."""


def overrides(shown_by: str | None, offered_by: str) -> bool:
    """Return whether the shown routing takes precedence over a newer offered one.

    A person's routing overrides later predictions; only another person's routing replaces it.
    """
    return shown_by == PERSON and offered_by != PERSON


def latest_effective(offered: Iterable[Routing]) -> Routing | None:
    """Return the routing that is in effect after several of one ticket, given in any order; None without any."""
    effective: Routing | None = None
    for routing in sorted(offered, key=lambda routing: routing.revision):
        if effective is None or not overrides(effective.decided_by, routing.decided_by):
            effective = routing
    return effective
