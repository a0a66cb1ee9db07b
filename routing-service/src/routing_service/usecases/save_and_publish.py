"""Store and publish decisions, for consumers and for manual routings."""

from collections.abc import Mapping, Sequence

from eventbus.publish import outbox
from projection_kit.locked_rows import Key
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from routing_service.domain.decision import Decision
from routing_service.domain.ticket import Ticket
from routing_service.events import ticket_routed
from routing_service.store import tickets

Decisions = Sequence[tuple[Decision, Cause]]


def save_and_publish(
    session: Session,
    before: Mapping[Key, Ticket],
    after: Mapping[Key, Ticket],
    decisions: Decisions,
    corrected: Sequence[tuple[Ticket, Cause]] = (),
) -> list[int]:
    """Store locked tickets after decisions, with history and counts, and publish `ticket.routed` where needed.

    `corrected` are tickets whose routing stays and is published again with their new category. Runs in the caller's
    transaction. Returns the ids of the history entries, one per decision.
    """
    ids = tickets.save(session, before, after, [decision for decision, _ in decisions])
    published = [
        ticket_routed(decision.ticket, cause, decision.refused_request)
        for decision, cause in decisions
        if decision.published
    ]
    outbox.add_all(session, [*published, *(ticket_routed(ticket, cause) for ticket, cause in corrected)])
    return ids
