"""`ticket.routed`: show where a ticket is routed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from service_kit.database.companies import after_commit
from sqlalchemy.orm import Session

from ticket_service.dependencies import Dependencies
from ticket_service.domain.enums import Priority, Run
from ticket_service.domain.routing import Routing, latest_effective, overrides
from ticket_service.domain.trail import Entry
from ticket_service.store import routings, trail
from ticket_service.store.routings import Key, ShownRouting


@dataclass(frozen=True)
class Routed:
    """The fields of `ticket.routed` that this service uses."""

    ticket_id: int
    department: str
    category: str
    priority: Literal["low", "medium", "high", "urgent"]
    confidence_score: float
    need_admin: bool
    team_id: int | None
    team: str | None
    decided_by: str
    reason: str
    rerouted: bool
    actor: str
    wish_revision: int = 0


def apply(session: Session, deliveries: Sequence[Delivery[Routed]], deps: Dependencies) -> None:
    """Store the routing that each ticket shows, and append every delivery to the trail.

    A late delivery, and a prediction after a person's routing, change no state; the trail records them.
    """
    before = routings.lock_shown(session, map(_key, deliveries))
    existing = [delivery for delivery in deliveries if _key(delivery) in before]
    offered: dict[Key, list[Routing]] = defaultdict(list)
    for delivery in existing:
        if delivery.is_latest:
            offered[_key(delivery)].append(_routing(delivery))
    chosen: dict[Key, Routing] = {}
    for key, routings_of_ticket in offered.items():
        routing = latest_effective(routings_of_ticket)
        if routing is not None and not overrides(before[key].decided_by, routing.decided_by):
            chosen[key] = routing
    routings.show(session, chosen)
    trail.append(
        session, [_entry(delivery, before[_key(delivery)], chosen.get(_key(delivery))) for delivery in existing]
    )
    if chosen:
        after_commit(session, partial(deps.notify, {key: routing.request_revision for key, routing in chosen.items()}))
    for key, routing in chosen.items():
        if before[key].run == Run.PENDING:
            counted = partial(deps.metrics.count_routed, before[key].created_at, routing.need_admin)
            after_commit(session, counted)


def _key(delivery: Delivery[Routed]) -> Key:
    return delivery.envelope.company_id, delivery.body.ticket_id


def _routing(delivery: Delivery[Routed]) -> Routing:
    body = delivery.body
    return Routing(
        revision=delivery.envelope.revision,
        department=body.department,
        category=body.category,
        priority=Priority(body.priority),
        confidence_score=body.confidence_score,
        need_admin=body.need_admin,
        team_id=body.team_id,
        team=body.team,
        decided_by=body.decided_by,
        reason=body.reason,
        request_revision=body.wish_revision,
    )


def _entry(delivery: Delivery[Routed], before: ShownRouting, effective: Routing | None) -> Entry:
    body, envelope = delivery.body, delivery.envelope
    routed: dict[str, Any] = asdict(body)
    del routed["ticket_id"], routed["actor"], routed["wish_revision"]
    payload = {
        "before": {
            "department": before.department,
            "confidence_score": before.confidence_score,
            "team": before.team,
            "decided_by": before.decided_by,
        },
        "after": routed,
        "shown": effective is not None and effective.revision == envelope.revision,
    }
    cause = f"{envelope.type} {envelope.id}"
    return Entry(envelope.company_id, body.ticket_id, "routed", body.actor, payload, envelope.cause.request_id, cause)


CONSUMER = Consumer("ticket.routed", view=Routed, apply=apply, queue="show-routing")
