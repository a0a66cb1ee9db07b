"""`ticket.assigned`: show where a ticket is in its workflow, and who works on it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.domain.task import Task, latest
from ticket_service.domain.trail import Entry
from ticket_service.store import tasks, trail
from ticket_service.store.tasks import Key, ShownTask


@dataclass(frozen=True)
class Assigned:
    """The fields of `ticket.assigned` that this service uses."""

    ticket_id: int
    task_id: int
    step: str
    status: str
    assignee: str | None
    due: str | None
    breached: bool
    clocks: list[Any] | None
    action: str
    actor: str


def apply(session: Session, deliveries: Sequence[Delivery[Assigned]], _deps: object) -> None:
    """Store the task that each ticket shows, and append every delivery to the trail.

    A late delivery changes no state; the trail records it.
    """
    before = tasks.lock_shown(session, map(_key, deliveries))
    existing = [delivery for delivery in deliveries if _key(delivery) in before]
    reported: dict[Key, list[Task]] = defaultdict(list)
    for delivery in existing:
        reported[_key(delivery)].append(_task(delivery))
    newest = {key: latest(found) for key, found in reported.items()}
    shown = {key: task for key, task in newest.items() if task.revision > before[key].revision}
    tasks.show(session, shown)
    entries = [_entry(delivery, before[_key(delivery)], shown.get(_key(delivery))) for delivery in existing]
    trail.append(session, entries)


def _key(delivery: Delivery[Assigned]) -> Key:
    return delivery.envelope.company_id, delivery.body.ticket_id


def _task(delivery: Delivery[Assigned]) -> Task:
    body = delivery.body
    return Task(
        revision=delivery.envelope.revision,
        task_id=body.task_id,
        step=body.step,
        status=body.status,
        assignee=body.assignee,
        due=body.due,
        breached=body.breached,
        clocks=body.clocks,
    )


def _entry(delivery: Delivery[Assigned], before: ShownTask, shown: Task | None) -> Entry:
    body, envelope = delivery.body, delivery.envelope
    earlier = before.task or {}
    payload = {
        "before": {name: earlier.get(name) for name in ("step", "status", "assignee")},
        "after": {"step": body.step, "status": body.status, "assignee": body.assignee, "action": body.action},
        "shown": shown is not None and shown.revision == envelope.revision,
    }
    cause = f"{envelope.type} {envelope.id}"
    return Entry(envelope.company_id, body.ticket_id, "assigned", body.actor, payload, envelope.cause.request_id, cause)


CONSUMER = Consumer("ticket.assigned", view=Assigned, apply=apply, queue="show-tasks")
