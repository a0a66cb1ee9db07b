"""Declare the warnings and breaches of clocks whose time has come, and escalate the tasks of those breached.

Every replica scans every second, without a leader. What one transaction declares, it escalates, records and publishes;
after a crash all of it is found again, so that nothing is lost and nothing is declared twice.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from eventbus.event import Event
from eventbus.publish import outbox
from eventbus.wire import rfc3339
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.task import Task
from workflow_service.events import ClockEvent, sla_breached, sla_warning, ticket_assigned
from workflow_service.store import due_clocks, tasks
from workflow_service.store.due_clocks import GRACE, DueClock, Outcome
from workflow_service.store.facts import TaskKey
from workflow_service.usecases.dealer import Dealer
from workflow_service.usecases.escalate_breached import escalate_breached

MAX_CLOCKS_PER_SCAN = 500


def scan_due(database: Database, now: datetime | None = None) -> bool:
    """Declare up to 500 clocks that are due; return whether there may be more to do at once.

    `now` is for tests; the database's clock counts otherwise, and that of no replica.
    """
    with database.session() as session, session.begin():
        found = due_clocks.find(session, now, MAX_CLOCKS_PER_SCAN)
    if not found:
        return False
    with database.session(*{company_id for company_id, _ in found}) as session, session.begin():
        declared = _declare(session, found, now)
    # A scan that found its clocks locked leaves them to the replica that has them.
    return declared and len(found) == MAX_CLOCKS_PER_SCAN


def _declare(session: Session, found: Sequence[tuple[int, int]], now: datetime | None) -> bool:
    """Declare those of the found clocks that nobody else has locked; return whether there were any."""
    dealer = Dealer(session, Counter(company_id for company_id, _ in found))
    locked = due_clocks.lock(session, found, now)
    if not locked:
        return False
    time = due_clocks.time(session, now)
    outcomes = [_outcome(clock, time) for clock in locked]
    due_clocks.declare(session, outcomes, time)
    breached = [each for each in outcomes if each.breaches]
    cause = Cause(request_id=str(uuid4()))
    before = {(each.clock.task.company_id, each.clock.task.id): each.clock.task for each in breached}
    late: defaultdict[TaskKey, set[tuple[str, str]]] = defaultdict(set)
    for each in breached:
        task = each.clock.task
        late[task.company_id, task.id].add((each.clock.kind, rfc3339(each.clock.opened_at)))
    shown = {key: _shown(task, late[key]) for key, task in before.items()}
    changes = escalate_breached(session, dealer, before, shown)
    dealer.save()
    tasks.record(session, changes)
    after = {(change.after.company_id, change.after.id): change.after for change in changes}
    events = [ticket_assigned(change.after, change.action, change.actor, time, cause) for change in changes]
    events += [event for each in outcomes for event in _events(each, after, time, cause)]
    outbox.add_all(session, events)
    return True


def _outcome(clock: DueClock, time: datetime) -> Outcome:
    breaches = tuple(breach for breach in clock.pending if breach.at <= time - GRACE)
    pending = tuple(breach for breach in clock.pending if breach.at > time - GRACE)
    return Outcome(clock, breaches, pending, warned=not breaches)


def _shown(task: Task, late: Collection[tuple[str, str]]) -> Task:
    """Return a task as it shows its breached clocks, by kind and opening, with its next revision."""
    shown = [
        view | {"breached": view["breached"] or (view["clock"], view["started_at"]) in late}
        for view in task.clocks or []
    ]
    return replace(task, is_sla_breached=True, clocks=shown, revision=task.revision + 1)


def _events(outcome: Outcome, after: dict[TaskKey, Task], time: datetime, cause: Cause) -> list[Event]:
    clock = outcome.clock
    task = after.get((clock.task.company_id, clock.task.id), clock.task)
    events = [
        sla_breached(ClockEvent(task, clock.kind, clock.step, breach.due_at), breach.at, breach.reason, time, cause)
        for breach in outcome.breaches
    ]
    if outcome.warned and clock.due_at is not None:
        events.append(sla_warning(ClockEvent(task, clock.kind, clock.step, clock.due_at), time, cause))
    return events
