"""What happens to tickets elsewhere: created, edited, deleted, in whatever order the news comes."""

from collections.abc import Sequence
from datetime import UTC, datetime

from service_kit.messaging.event import Cause
from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from routing_service.consumers import ticket_created, ticket_deleted, ticket_updated
from routing_service.consumers.ticket_created import Created
from routing_service.consumers.ticket_deleted import Deleted
from routing_service.consumers.ticket_updated import Updated
from routing_service.domain.decision import Decision
from routing_service.domain.departments import Directory
from routing_service.store import tickets
from routing_service.usecases.carry_out import carry_out
from routing_service.usecases.meet_companies import directories

News = Created | Updated | Deleted


def apply(session: Session, deliveries: Sequence[Delivery[News]]) -> None:
    """Take in a batch of all three kinds: one order of locks, a handful of statements."""
    companies = _directories(session, deliveries)
    before = tickets.lock(session, [_key(delivery) for delivery in deliveries])
    after = dict(before)
    decisions: list[tuple[Decision, Cause]] = []
    now = datetime.now(UTC)
    for delivery in deliveries:
        key, news, envelope = _key(delivery), delivery.body, delivery.envelope
        match news:
            case Created():
                after[key] = ticket_created.know(after[key], news)
            case Deleted():
                after[key] = ticket_deleted.remove(after[key])
            case Updated():
                after[key] = ticket_updated.edit(after[key], envelope.revision, news)
                if not news.wishes:
                    continue
                directory = companies[envelope.company_id]
                decision = ticket_updated.carry_out_wish(after[key], envelope.revision, news, directory, now)
                if decision is not None:
                    after[key] = decision.ticket
                    decisions.append((decision, envelope.cause))
    gone = {key for key, ticket in after.items() if ticket.gone}
    lasting = [(decision, cause) for decision, cause in decisions if _place(decision) not in gone]
    carry_out(session, before, after, lasting)
    if gone:
        tickets.forget_history(session, gone)


def _directories(session: Session, deliveries: Sequence[Delivery[News]]) -> dict[int, Directory]:
    """Return where tickets of the companies with a wish among these may be sent."""
    wishes = [d.envelope for d in deliveries if isinstance(d.body, Updated) and d.body.wishes]
    return directories(session, {envelope.company_id for envelope in wishes}, wishes[0].cause) if wishes else {}


def _key(delivery: Delivery[News]) -> tickets.Key:
    return delivery.envelope.company_id, delivery.body.ticket_id


def _place(decision: Decision) -> tickets.Key:
    return decision.ticket.company_id, decision.ticket.ticket_id
