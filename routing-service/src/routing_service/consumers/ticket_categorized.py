"""A machine has read a ticket: route it, unless a person's routing stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from service_kit.messaging.event import Cause
from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from routing_service.domain.decision import Answer, Decision
from routing_service.domain.routing import take_answer
from routing_service.store import tickets
from routing_service.usecases.carry_out import carry_out
from routing_service.usecases.meet_companies import directories


@dataclass(frozen=True)
class Categorized:
    """What this service needs of `ticket.categorized`."""

    ticket_id: int
    ticket_uuid: str
    department: str
    category: str
    priority: str
    confidence_score: float
    need_admin: bool
    decided_by: str
    reason: str
    assigned_team_id: int | None


def apply(session: Session, deliveries: Sequence[Delivery[Categorized]]) -> None:
    """Route tickets as they were categorized, all in a handful of statements.

    Which answer is the newest is kept with the ticket, so a late one only enters the history.
    """
    companies = directories(session, {d.envelope.company_id for d in deliveries}, deliveries[0].envelope.cause)
    before = tickets.lock(session, [(d.envelope.company_id, d.body.ticket_id) for d in deliveries])
    after = dict(before)
    decisions: list[tuple[Decision, Cause]] = []
    now = datetime.now(UTC)
    for delivery in deliveries:
        company = delivery.envelope.company_id
        key = (company, delivery.body.ticket_id)
        decision = take_answer(after[key], _answer(delivery), companies[company], now)
        if decision is not None:
            after[key] = decision.ticket
            decisions.append((decision, delivery.envelope.cause))
    carry_out(session, before, after, decisions)


def _answer(delivery: Delivery[Categorized]) -> Answer:
    body = delivery.body
    return Answer(
        revision=delivery.envelope.revision,
        ticket_uuid=body.ticket_uuid,
        department=body.department,
        category=body.category,
        priority=body.priority,
        confidence_score=body.confidence_score,
        need_admin=body.need_admin,
        decided_by=body.decided_by,
        actor=delivery.envelope.source,
        reason=body.reason,
        team_id=body.assigned_team_id,
    )
