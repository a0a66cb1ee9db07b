"""`ticket.routed`: show where a ticket is routed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.consumers.after_commit import after_commit
from ticket_service.domain.routing import Routing, last_to_stand, outlasts
from ticket_service.domain.trail import Entry
from ticket_service.domain.words import Priority, Run
from ticket_service.measures import Measures
from ticket_service.store import routings, trail
from ticket_service.store.routings import Shown


@dataclass(frozen=True)
class Routed:
    """What this service needs of `ticket.routed`."""

    ticket_id: int
    department: str
    category: str
    priority: str
    confidence_score: float
    need_admin: bool
    team_id: int | None
    team: str | None
    decided_by: str
    reason: str
    rerouted: bool
    actor: str


@dataclass(frozen=True)
class ShowRouting:
    """Applies deliveries; keeps what it measures with."""

    measures: Measures

    def apply(self, session: Session, deliveries: Sequence[Delivery[Routed]]) -> None:
        """Show where tickets were routed.

        A late delivery changes no state any more, but it happened, so the trail tells it all the same; nor does a
        machine's after a person's.
        """
        before = routings.lock_shown(session, [delivery.body.ticket_id for delivery in deliveries])
        offered: dict[int, list[Routing]] = defaultdict(list)
        for delivery in deliveries:
            if delivery.newest and delivery.body.ticket_id in before:
                offered[delivery.body.ticket_id].append(_routing(delivery))
        chosen: dict[int, Routing] = {}
        for ticket_id, each in offered.items():
            routing = last_to_stand(each)
            if routing is not None and not outlasts(before[ticket_id].decided_by, routing.decided_by):
                chosen[ticket_id] = routing
        routings.show(session, chosen)
        trail.append(
            session, [_entry(d, before[d.body.ticket_id], chosen) for d in deliveries if d.body.ticket_id in before]
        )
        for ticket_id, routing in chosen.items():
            if before[ticket_id].run is Run.PENDING:
                counted = partial(self.measures.count_routed, before[ticket_id].created_at, routing.need_admin)
                after_commit(session, counted)


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
    )


def _entry(delivery: Delivery[Routed], before: Shown, chosen: dict[int, Routing]) -> Entry:
    body, envelope = delivery.body, delivery.envelope
    routed: dict[str, Any] = asdict(body)
    del routed["ticket_id"], routed["actor"]
    standing = chosen.get(body.ticket_id)
    payload = {
        "before": {
            "department": before.department,
            "confidence_score": before.confidence_score,
            "team": before.team,
            "decided_by": before.decided_by,
        },
        "after": routed,
        "shown": standing is not None and standing.revision == envelope.revision,
    }
    cause = f"{envelope.type} {envelope.id}"
    return Entry(body.ticket_id, "routed", body.actor, payload, envelope.cause.request_id, cause)
