"""How every decision, whoever made it, is stored and announced."""

from collections.abc import Mapping, Sequence

from service_kit.messaging import outbox
from service_kit.messaging.event import Cause
from sqlalchemy.orm import Session

from routing_service.announcements import ticket_routed
from routing_service.domain.ticket import Decision, Ticket
from routing_service.store import tickets


def carry_out(
    session: Session,
    before: Mapping[tickets.Key, Ticket],
    after: Mapping[tickets.Key, Ticket],
    decisions: Sequence[tuple[Decision, Cause]],
) -> list[int]:
    """Store what became of locked tickets, with history and counts, and announce what is news.

    Returns the ids of the history's lines. Runs in the caller's transaction.
    """
    lines = tickets.save(session, before, after, [decision for decision, _ in decisions])
    outbox.add_all(session, [ticket_routed(decision, cause) for decision, cause in decisions if decision.announced])
    return lines
