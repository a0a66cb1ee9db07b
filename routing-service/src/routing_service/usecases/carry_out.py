"""How every decision, whoever made it, is stored and announced."""

from collections.abc import Mapping, Sequence

from service_kit.messaging import outbox
from service_kit.messaging.event import Cause
from sqlalchemy.orm import Session

from routing_service.announcements import ticket_routed
from routing_service.domain.decision import Decision
from routing_service.domain.ticket import Ticket
from routing_service.store import tickets

Decisions = Sequence[tuple[Decision, Cause]]


def carry_out(
    session: Session,
    before: Mapping[tickets.Key, Ticket],
    after: Mapping[tickets.Key, Ticket],
    decisions: Decisions,
) -> None:
    """Store what became of locked tickets, with history and counts, and announce what is news.

    Runs in the caller's transaction, most of it with the commit.
    """
    tickets.save_later(session, before, after, [decision for decision, _ in decisions])
    _announce(session, decisions)


def carry_out_and_tell(
    session: Session,
    before: Mapping[tickets.Key, Ticket],
    after: Mapping[tickets.Key, Ticket],
    decisions: Decisions,
) -> list[int]:
    """Do the same and return the ids of the history's lines."""
    lines = tickets.save(session, before, after, [decision for decision, _ in decisions])
    _announce(session, decisions)
    return lines


def _announce(session: Session, decisions: Decisions) -> None:
    outbox.add_all(session, [ticket_routed(decision, cause) for decision, cause in decisions if decision.announced])
