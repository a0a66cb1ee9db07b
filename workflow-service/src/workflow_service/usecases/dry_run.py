"""Replay the tickets of the last days by a workflow that is not deployed yet, or that a person thinks of changing.

Everything is read in short transactions that write nothing; the replay itself is computed between them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow_service.domain.calendar import Calendar
from workflow_service.domain.calendar_document import stored_calendar
from workflow_service.domain.clocks import clocks_of
from workflow_service.domain.deal import Pool, pool_name
from workflow_service.domain.definition import Definition
from workflow_service.domain.graph import Fault
from workflow_service.domain.matching import BY_PERSON, Candidate, match
from workflow_service.domain.policy import Policy
from workflow_service.domain.replay import (
    Past,
    Replayed,
    Report,
    as_deployed,
    breaches_until,
    deal_again,
    report,
    workflow_of,
)
from workflow_service.domain.workflow import BadWorkflow, Scope, Workflow
from workflow_service.store import calendars, facts, past, people, workflows
from workflow_service.store.due_clocks import GRACE
from workflow_service.usecases.change_workflows import Content, get_workflow
from workflow_service.usecases.clock_inputs import ALWAYS, TaskStart, facts_of, policy_of
from workflow_service.usecases.dealer import need_at

PAGE = 500
MAX_ID = 2**63 - 1
Pages = Callable[..., Sequence[Row[Any]]]


@dataclass(frozen=True)
class DryRunOrder:
    """The days to replay, and what differs from the stored workflow: its content, its calendar (None for none)."""

    days: int
    content: Content | None = None
    calendar: tuple[int | None] | None = None


@dataclass(frozen=True)
class DryRun:
    """The result: the workflow as stored, since when tickets were replayed, and whether older ones were left out."""

    workflow: Workflow
    since: datetime
    is_truncated: bool
    report: Report


@dataclass(frozen=True)
class _Plan:
    """The workflow as it is replayed, beside the others of the company."""

    workflow_id: int
    definition: Definition
    policy: Policy
    candidates: Sequence[Candidate]
    now: datetime


def dry_run(session: Session, company_id: int, workflow_id: int, order: DryRunOrder, *, max_tickets: int) -> DryRun:
    """Return what the workflow would have done to the newest `max_tickets` tickets of the last days.

    Raises WorkflowNotFound, WorkflowIsDefault for changed content of the default workflow, and BadWorkflow for a
    calendar that the company doesn't have.
    """
    with session.begin():
        past.only_read(session)
        workflow = get_workflow(session, company_id, workflow_id)
        plan = _plan(session, workflow, order)
    since = plan.now - timedelta(days=order.days)
    rows = _recent(session, company_id, past.tasks, "id", since, max_tickets + 1)
    rows += _recent(session, company_id, past.unmatched, "ticket_id", since, max(max_tickets + 1 - len(rows), 0))
    replayed = [each for page in _pages(rows[:max_tickets]) for each in _replay(session, company_id, plan, page)]
    assignees = _deal(session, company_id, plan, replayed)
    found = report(replayed, workflow_id, assignees)
    return DryRun(workflow, since, len(rows) > max_tickets, found)


def _plan(session: Session, workflow: Workflow, order: DryRunOrder) -> _Plan:
    definition, scope = workflow.definition, workflow.scope
    if order.content is not None:
        workflow.check_change()
        definition, scope = order.content.definition, order.content.scope
    if order.calendar is not None:
        definition = replace(definition, calendar_id=order.calendar[0])
    own = Candidate(workflow.id, workflow.version, scope, workflow.state, workflow.is_default)
    candidates = workflows.candidates(session, [workflow.company_id]).get(workflow.company_id, [])
    field = "calendar_id" if order.calendar is not None else "definition.calendar_id"
    policy = policy_of(definition, _calendar(session, workflow.company_id, definition.calendar_id, field))
    return _Plan(workflow.id, definition, policy, as_deployed(candidates, own), datetime.now(UTC))


def _calendar(session: Session, company_id: int, calendar_id: int | None, field: str) -> Calendar:
    if calendar_id is None:
        return ALWAYS
    found = calendars.find(session, company_id, calendar_id)
    if found is None:
        raise BadWorkflow([Fault(field, "There is no such calendar.")])
    return stored_calendar(found.document)


def _recent(session: Session, company_id: int, read: Pages, key: str, since: datetime, most: int) -> list[Row[Any]]:
    """Return up to `most` tickets that began since an instant, the newest first, a short transaction per page."""
    found: list[Row[Any]] = []
    before = MAX_ID
    while len(found) < most:
        with session.begin():
            past.only_read(session)
            page = read(session, company_id, before=before, limit=PAGE)
        recent = [row for row in page if past.is_recent(row, since)]
        found += recent
        if len(page) < PAGE or not recent:
            break
        before = getattr(page[-1], key)
    return found[:most]


def _pages(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    for start in range(0, len(rows), PAGE):
        yield rows[start : start + PAGE]


def _replay(session: Session, company_id: int, plan: _Plan, page: Sequence[Row[Any]]) -> list[Replayed]:
    task_ids = [row.id for row in page if row.id is not None]
    with session.begin():
        past.only_read(session)
        declared = past.breaches(session, company_id, task_ids)
        assigned = past.first_assignees(session, company_id, task_ids)
        ticket_facts = facts.of_tickets(session, [(company_id, row.ticket_id) for row in page])
        histories = facts.histories(session, [(company_id, task_id) for task_id in task_ids])
    tickets = [_past(row, plan.definition, assigned.get(row.id), declared.get(row.id, {})) for row in page]
    matches = {scope: match(plan.candidates, scope) for scope in {ticket.scope for ticket in tickets}}
    replayed = []
    for row, ticket in zip(page, tickets, strict=True):
        workflow_id = workflow_of(matches[ticket.scope], ticket)
        breaches: dict[str, int] = {}
        if workflow_id == plan.workflow_id:
            history = histories.get((company_id, row.id))
            if history is not None and row.workflow_id != plan.workflow_id:
                history = replace(history, steps=[])  # steps of another workflow, whatever their names
            known = facts_of(
                TaskStart(row.created_at, row.priority), ticket_facts.get((company_id, row.ticket_id)), history,
                plan.definition,
            )  # fmt: skip
            breaches = breaches_until(clocks_of(known, plan.policy, with_warnings=False), plan.now - GRACE)
        replayed.append(Replayed(ticket, workflow_id, breaches))
    return replayed


def _past(row: Row[Any], definition: Definition, assigned_user: str | None, breaches: Any) -> Past:
    return Past(
        ticket_id=row.ticket_id,
        task_id=row.id,
        scope=Scope(row.category, row.sub_category, row.department),
        pool=pool_name(definition.start.role, row.team_id, row.department),
        began_at=row.created_at,
        ended_at=row.completed_at,
        workflow_id=row.workflow_id,
        is_chosen=row.matched_by == BY_PERSON,
        assigned_user=assigned_user,
        breaches=breaches,
    )


def _deal(session: Session, company_id: int, plan: _Plan, replayed: Sequence[Replayed]) -> dict[int, str | None]:
    names = {each.past.pool for each in replayed if each.workflow_id == plan.workflow_id}
    if not names:
        return {}
    with session.begin():
        past.only_read(session)
        members = people.members(session, company_id, names)
    pools: dict[str, Pool] = people.pools(session, company_id, members, plan.now, with_open=True)
    for pool in pools.values():
        for person in pool.people.values():
            person.available, person.open, person.last_turn = True, 0, None
    return deal_again(replayed, plan.workflow_id, pools, need_at(plan.definition, plan.definition.start))
