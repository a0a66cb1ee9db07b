"""Take a step of a job: several items with their results in one transaction, then announce the company's next step.

A process that is killed leaves a step undone as a whole, and its event is delivered again. So no item is lost, and none
happens twice.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from company_kit.actor import acting_for
from eventbus.publish import outbox
from eventbus.retry.policy import is_transient
from service_kit.database.companies import after_commit, mark_outbox_written
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.jobs import UNEXPECTED, UNSTORABLE, ItemProblem, JobKind, Result, problem_of
from ticket_service.domain.ticket import Expected
from ticket_service.store import job_items, jobs, tickets
from ticket_service.store.job_contents import change_of, draft_of
from ticket_service.store.job_items import Item
from ticket_service.usecases.create_ticket import insert_ticket, insert_tickets
from ticket_service.usecases.edit_ticket import apply_edit
from ticket_service.usecases.request_context import RequestContext

MAX_ITEMS = 50
"""Below 64, the number of savepoints that PostgreSQL keeps without a cost for other sessions."""
MAX_SECONDS = 0.5
"""A step ends after the item that exceeds this time, so that its locks delay others for a moment only."""

log = get_logger(__name__)


@dataclass(frozen=True)
class Effects:
    """How a step creates or changes the tickets of its items; both return numbers of tickets."""

    each: Callable[[Item], int]
    together: Callable[[], list[int]]
    """Handles the items in their order, perhaps only the first of them; an error leaves all of them to `each`."""


@dataclass(frozen=True)
class StepTools:
    """Beside the session: the events' contracts, the errors as (status, code), and the counter of new tickets."""

    database: Database
    errors: Mapping[type[Exception], tuple[int, str]]
    count_created: Callable[[], None]


def take_step(session: Session, company_id: int, job_id: UUID, step: int, tools: StepTools) -> None:
    """Take a step in the caller's transaction and announce the next one.

    A step that was taken before changes nothing and announces nothing. Raises transient errors of the database; then
    nothing may be committed.
    """
    order = jobs.lock(session, company_id, job_id)
    if order is not None and order.job.steps >= step:
        return
    if order is not None and not order.job.finished:
        with acting_for(session, order.audit_actor):
            _process(session, order, tools)
    announce_next(session, company_id)


def announce_next(session: Session, company_id: int) -> None:
    """Announce the next step of the company's job that has waited longest: its jobs take turns."""
    jobs.lock_company(session, company_id)
    order = jobs.next_unfinished(session, company_id)
    if order is not None:
        outbox.add(session, events.job_step_requested(order.job, order.cause))


def _process(session: Session, order: jobs.Order, tools: StepTools) -> None:
    job = order.job
    items = job_items.pending(session, job, MAX_ITEMS)
    results = _results(session, items, _effects(session, order, items, tools), tools.errors)
    job_items.record(session, job, results)
    succeeded = sum(result.problem is None for result in results)
    jobs.count_step(session, job, succeeded=succeeded, failed=len(results) - succeeded)
    # Here and not with each ticket: the rollback of a failed item's savepoint drops what was noted before it.
    mark_outbox_written(session)
    if job.kind is JobKind.CREATE:
        for _ in range(succeeded):
            after_commit(session, tools.count_created)


def _effects(session: Session, order: jobs.Order, items: list[Item], tools: StepTools) -> Effects:
    context = RequestContext(order.job.company_id, order.actor, order.cause)
    if order.change is None:
        return Effects(
            each=lambda item: insert_ticket(session, tools.database, draft_of(item.draft or {}), context).id,
            together=lambda: insert_tickets(
                session, tools.database, [draft_of(item.draft or {}) for item in items], context
            ),
        )
    edit, answers = change_of(order.change)

    def change(item: Item) -> int:
        number = item.ticket_id or 0
        expected = Expected(None if item.if_match is None else frozenset(item.if_match))
        apply_edit(session, number, edit, expected, context, answers)
        return number

    # In one order, as consumers lock them, so that a step and a batch don't wait for each other.
    tickets.lock_all(session, context.company_id, [item.ticket_id or 0 for item in items])
    return Effects(each=change, together=lambda: [change(item) for item in _in_time(items)])


def _results(
    session: Session, items: list[Item], effects: Effects, errors: Mapping[type[Exception], tuple[int, str]]
) -> list[Result]:
    """Return the results of items; their effects are in the caller's transaction, those of failed ones undone."""
    try:
        # All in one savepoint: one per item costs as much again as creating a ticket.
        with session.begin_nested():
            return [Result(item.index, number) for item, number in zip(items, effects.together(), strict=False)]
    except Exception as error:
        if is_transient(error):
            raise
    return _one_by_one(session, items, effects.each, errors)


def _one_by_one(
    session: Session,
    items: list[Item],
    effect: Callable[[Item], int],
    errors: Mapping[type[Exception], tuple[int, str]],
) -> list[Result]:
    results: list[Result] = []
    for item in _in_time(items):
        try:
            with session.begin_nested():
                results.append(Result(item.index, effect(item)))
        except Exception as error:
            if is_transient(error):
                if results:
                    break  # a lock conflict: the next step tries this item again
                raise
            results.append(Result(item.index, item.ticket_id, _problem(error, errors)))
    return results


def _in_time(items: list[Item]) -> Iterator[Item]:
    """Yield items until the step has taken too long, at least one."""
    ends_at = time.monotonic() + MAX_SECONDS
    for number, item in enumerate(items):
        if number and time.monotonic() >= ends_at:
            return
        yield item


def _problem(error: Exception, errors: Mapping[type[Exception], tuple[int, str]]) -> ItemProblem:
    if isinstance(error, DataError):
        return UNSTORABLE
    expected = problem_of(error, errors)
    if expected is None:
        log.error("item of a job failed", error=type(error).__name__, exc_info=error)
    return expected or UNEXPECTED
