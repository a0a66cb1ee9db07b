"""`ticket.categorized`: route a ticket as predicted, unless a person's routing is in effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from routing_service.dependencies import Dependencies
from routing_service.domain.decision import Decision, Prediction
from routing_service.domain.routing import apply_prediction
from routing_service.domain.ticket import Given
from routing_service.store import tickets
from routing_service.usecases.save_and_publish import save_and_publish
from routing_service.usecases.seed_departments import directories


@dataclass(frozen=True)
class Categorized:
    """The fields of `ticket.categorized` that this service uses."""

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
    given_category: str | None = None
    given_priority: str | None = None
    sub_category: str | None = None
    external_ticket_id: str | None = None


def apply(session: Session, deliveries: Sequence[Delivery[Categorized]], deps: Dependencies) -> None:
    """Route tickets as predicted, in a handful of statements.

    The ticket stores the revision of its newest prediction, so a late one only enters the history.
    """
    started = perf_counter()
    company_ids = {delivery.envelope.company_id for delivery in deliveries}
    directories_by_company = directories(session, company_ids, deliveries[0].envelope.cause)
    before = tickets.lock(session, [(d.envelope.company_id, d.body.ticket_id) for d in deliveries])
    after = dict(before)
    decisions: list[tuple[Decision, Cause]] = []
    now = datetime.now(UTC)
    for delivery in deliveries:
        company_id = delivery.envelope.company_id
        key = (company_id, delivery.body.ticket_id)
        decision = apply_prediction(after[key], _prediction(delivery), directories_by_company[company_id], now)
        if decision is not None:
            after[key] = decision.ticket
            decisions.append((decision, delivery.envelope.cause))
    save_and_publish(session, before, after, decisions)
    deps.metrics.observe_routed(len(deliveries), perf_counter() - started)


def _prediction(delivery: Delivery[Categorized]) -> Prediction:
    body = delivery.body
    return Prediction(
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
        given=Given(body.given_category, body.given_priority, body.sub_category, body.external_ticket_id),
    )


CONSUMER = Consumer("ticket.categorized", view=Categorized, apply=apply, queue="route")
