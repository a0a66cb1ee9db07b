"""`ticket.updated` and `.deleted`: follow ticket-service's tickets, in any order of arrival."""

from collections.abc import Sequence
from datetime import UTC, datetime

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from projection_kit.locked_rows import Key
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from routing_service.consumers import ticket_deleted, ticket_updated
from routing_service.consumers.ticket_deleted import Deleted
from routing_service.consumers.ticket_updated import Updated
from routing_service.domain.decision import Decision
from routing_service.domain.departments import Directory
from routing_service.domain.ticket import Ticket, is_outdated
from routing_service.store import tickets
from routing_service.usecases.save_and_publish import save_and_publish
from routing_service.usecases.seed_departments import directories

TicketEvent = Updated | Deleted
VIEWS: dict[str, type[TicketEvent]] = {
    "ticket.updated": Updated,
    "ticket.deleted": Deleted,
}


def apply(session: Session, deliveries: Sequence[Delivery[TicketEvent]], _deps: object) -> None:
    """Apply a batch of both types with one order of locks and a handful of statements."""
    directories_by_company = _directories(session, deliveries)
    before = tickets.lock(session, [_key(delivery) for delivery in deliveries])
    after = dict(before)
    decisions: list[tuple[Decision, Cause]] = []
    corrected: list[tuple[Ticket, Cause]] = []
    now = datetime.now(UTC)
    for delivery in deliveries:
        key, event, envelope = _key(delivery), delivery.body, delivery.envelope
        earlier, decision = after[key], None
        match event:
            case Deleted():
                after[key] = ticket_deleted.update_ticket(earlier)
            case Updated():
                after[key] = ticket_updated.update_ticket(earlier, envelope.revision, event)
                if event.requests_routing:
                    directory = directories_by_company[envelope.company_id]
                    decision = ticket_updated.apply_routing_request(
                        after[key], envelope.revision, event, directory, now
                    )
        if decision is not None:
            after[key] = decision.ticket
            decisions.append((decision, envelope.cause))
        if (decision is None or not decision.published) and is_outdated(earlier, after[key]):
            after[key] = after[key]._replace(revision=after[key].revision + 1)
            corrected.append((after[key], envelope.cause))
    gone = {key for key, ticket in after.items() if ticket.gone}
    of_existing = [(decision, cause) for decision, cause in decisions if _ticket_key(decision.ticket) not in gone]
    corrections = [(ticket, cause) for ticket, cause in corrected if _ticket_key(ticket) not in gone]
    save_and_publish(session, before, after, of_existing, corrections)
    if gone:
        tickets.delete_history(session, gone)


def _directories(session: Session, deliveries: Sequence[Delivery[TicketEvent]]) -> dict[int, Directory]:
    """Return the directories of the companies with a routing request in the batch."""
    requests = [d.envelope for d in deliveries if isinstance(d.body, Updated) and d.body.requests_routing]
    if not requests:
        return {}
    return directories(session, {envelope.company_id for envelope in requests}, requests[0].cause)


def _key(delivery: Delivery[TicketEvent]) -> Key:
    return delivery.envelope.company_id, delivery.body.ticket_id


def _ticket_key(ticket: Ticket) -> Key:
    return ticket.company_id, ticket.ticket_id


CONSUMER: Consumer[TicketEvent, object] = Consumer(list(VIEWS), view=VIEWS, apply=apply, queue="follow-tickets")
