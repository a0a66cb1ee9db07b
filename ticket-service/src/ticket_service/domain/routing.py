"""Which routing a ticket shows when several were made."""

from collections.abc import Iterable
from dataclasses import dataclass

from ticket_service.domain.words import PERSON, Priority


@dataclass(frozen=True)
class Routing:
    """One routing of a ticket: where to, who decided and why."""

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
    wish_revision: int = 0
    """Of the newest wish that it takes into account."""


def outlasts(shown_by: str | None, offered_by: str) -> bool:
    """Tell whether what a ticket shows stays although a newer routing was offered.

    A person's routing outlasts later answers of machines; only another person's replaces it.
    """
    return shown_by == PERSON and offered_by != PERSON


def last_to_stand(offered: Iterable[Routing]) -> Routing | None:
    """Choose, of several routings of one ticket in any order, the one that would stand in the end."""
    standing: Routing | None = None
    for routing in sorted(offered, key=lambda each: each.revision):
        if standing is None or not outlasts(standing.decided_by, routing.decided_by):
            standing = routing
    return standing
