"""Store facts about tickets, and let the clocks of their tasks follow."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from eventbus.publish import outbox
from projection_kit.locked_rows import Key
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.events import ticket_assigned
from workflow_service.store import facts, tasks, tickets
from workflow_service.store.facts import Fact
from workflow_service.usecases.refresh_clocks import refresh_clocks
from workflow_service.usecases.save_tasks import MACHINE

ACTION = "clocks"
"""The action of `ticket.assigned` where the clocks alone have changed."""


def take_facts(session: Session, new: Sequence[Fact], causes: Mapping[Key, Cause]) -> None:
    """Store facts in the caller's transaction, compute the clocks anew, and publish tasks that show something else."""
    if not new:
        return
    # Of a fact and a task that begins at the same time one waits for the other, so that the clocks miss no fact.
    known = tickets.lock(session, sorted(causes))
    facts.add(session, [fact for fact in new if not known[fact.company_id, fact.ticket_id].gone])
    locked = tasks.of_tickets(session, sorted(causes))
    if not locked:
        return
    now = datetime.now(UTC)
    before = list(locked.values())
    after = refresh_clocks(session, before, now, next(iter(causes.values())), new_revision=True)
    changed = [task for old, task in zip(before, after, strict=True) if task != old]
    outbox.add_all(
        session,
        [ticket_assigned(task, ACTION, MACHINE, now, causes[task.company_id, task.ticket_id]) for task in changed],
    )
