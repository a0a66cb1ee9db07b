"""Start a job: one request creates or changes many tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from company_kit.actor import current_actor
from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.departments import check_known
from ticket_service.domain.edit import Edit
from ticket_service.domain.errors import UnknownDepartment, UnknownTeam
from ticket_service.domain.jobs import ItemStatus, Job, JobKind, JobState, TooManyJobs, TooManyTickets, state_of
from ticket_service.ports import Directory
from ticket_service.store import companies, departments, job_items, jobs, listing
from ticket_service.store.job_contents import change_json
from ticket_service.store.job_items import Item
from ticket_service.usecases.edit_ticket import ask_owners, choices
from ticket_service.usecases.request_context import RequestContext


@dataclass(frozen=True)
class JobRequest:
    """The caller who requests a job, the request, and the limits on jobs."""

    context: RequestContext
    created_by: str
    max_items: int
    max_unfinished: int
    """How many unfinished jobs a company may have."""


def start_creation(
    session: Session, items: Sequence[Item], request: JobRequest, idempotency_key: IdempotencyKey[Job]
) -> Job:
    """Store a job that creates tickets, one per item; an item that has a problem already has failed.

    Raises TooManyJobs, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        job = _store(session, JobKind.CREATE, None, items, request)
        idempotency_key.store(session, job)
    return job


def start_change(
    session: Session,
    target: Sequence[Item] | listing.Filters,
    edit: Edit,
    request: JobRequest,
    directory: Directory,
    idempotency_key: IdempotencyKey[Job],
) -> Job:
    """Store a job that applies one edit to the tickets of these items, or to those that match a filter now.

    Raises UnknownDepartment, UnknownTeam, TooManyTickets, TooManyJobs, Replayed.
    """
    company_id = request.context.company_id
    answers = ask_owners(session, edit, company_id, directory)
    with session.begin():
        idempotency_key.claim(session)
        known = choices(session, edit, answers, company_id)
        if edit.department is not None and edit.department not in known.departments:
            raise UnknownDepartment(edit.department, "change.department")
        if edit.team is not None and edit.team.name is not None and known.team is None:
            raise UnknownTeam(edit.team.name, "change.team")
        if isinstance(target, listing.Filters):
            check_known(target.department, departments.all_of(session, company_id), "filter.department")
            target = listing.resolve_name(session, company_id, target)
            numbers = listing.numbers(session, company_id, target, limit=request.max_items + 1)
            if len(numbers) > request.max_items:
                raise TooManyTickets(request.max_items)
            target = [Item(index, ticket_id=number) for index, number in enumerate(numbers)]
        job = _store(session, JobKind.CHANGE, change_json(edit, answers), target, request)
        idempotency_key.store(session, job)
    return job


def _store(
    session: Session, kind: JobKind, change: dict[str, object] | None, items: Sequence[Item], request: JobRequest
) -> Job:
    context = request.context
    failed = sum(item.status is ItemStatus.FAILED for item in items)
    state = JobState.QUEUED if failed < len(items) else state_of(len(items), 0, failed)
    job = Job(
        id=uuid4(),
        company_id=context.company_id,
        kind=kind,
        state=state,
        created_by=request.created_by,
        total=len(items),
        succeeded=0,
        failed=failed,
        steps=0,
        created_at=datetime.now(UTC),
        finished_at=None,
    )
    # The maintenance job goes through this list; before its first event a company may be missing from it.
    companies.register(session, [context.company_id])
    jobs.lock_company(session, context.company_id)
    unfinished = jobs.count_unfinished(session, context.company_id)
    if unfinished >= request.max_unfinished:
        raise TooManyJobs(request.max_unfinished)
    job = jobs.add(session, jobs.Order(job, change, context.actor, context.cause, current_actor()))
    job_items.add(session, job, items)
    # Where other jobs are unfinished, the step of one of them is on its way, and the jobs take turns from there on.
    if not job.finished and not unfinished:
        outbox.add(session, events.job_step_requested(job, context.cause))
    return job
