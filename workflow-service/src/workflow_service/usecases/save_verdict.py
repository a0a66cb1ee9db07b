"""Store what a call of a partner has brought: the request, its task, the history and the event in one transaction."""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from company_kit.actor import current_actor
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.external import (
    APPROVED,
    PENDING,
    REFUSED,
    UNKNOWN,
    External,
    RetryLimits,
    Verdict,
    answered,
    decided_by_partner,
)
from workflow_service.domain.task import Task
from workflow_service.ports import Partner, Question
from workflow_service.store import external_requests, tasks
from workflow_service.store.tasks import Change
from workflow_service.usecases.dealer import Dealer
from workflow_service.usecases.save_external import save_state


def save_verdict(
    database: Database, partner: Partner, question: Question, verdict: Verdict, limits: RetryLimits
) -> None:
    """Store a verdict about a request that was leased for it.

    An approval or refusal counts even after the lease: every try has the same Idempotency-Key. Where a person has
    decided in between, the answer is kept beside that decision, and the task's history says so.
    """
    asked = question.external
    with database.session(asked.company_id) as session, session.begin():
        now = Dealer(session, {asked.company_id: 0}).now
        task = tasks.lock(session, asked.company_id, asked.task_id)
        current = external_requests.lock(session, asked.company_id, asked.id)
        if task is None or current is None:
            return  # the ticket was deleted
        cause = Cause(request_id=uuid4().hex)
        if verdict.state in (APPROVED, REFUSED) or current.state not in PENDING:
            store_decision(session, task, current, verdict, partner.name, now, cause)
            return
        if current.tries != asked.tries:
            return  # the lease has ended, and a later try decides
        after = answered(current, verdict, limits, now)
        if after.state == current.state:
            external_requests.save(session, after, ends_lease=True)
            return
        _save(session, task, current, after, partner.name, now, cause)


def store_decision(
    session: Session, task: Task, current: External, verdict: Verdict, partner: str, now: datetime, cause: Cause
) -> External:
    """Let a partner's approval or refusal decide a locked request that waits; return the request as it is then.

    A request that is decided stays as it is: the first answer that comes later is kept beside the decision.
    """
    if verdict.state not in (APPROVED, REFUSED):
        return current
    if current.state in PENDING:
        after = decided_by_partner(current, verdict, now)
        _save(session, task, current, after, partner, now, cause)
        return after
    if current.answer is None:
        external_requests.save(session, replace(current, answer=verdict.answer or {}), ends_lease=True)
        notes = f"{partner} answered after the request was {current.state}: {verdict.state}, {verdict.reason}"
        tasks.record(session, [Change(f"{current.kind} answered late", partner, task, task, notes)])
    return current


def _save(
    session: Session, task: Task, before: External, after: External, partner: str, now: datetime, cause: Cause
) -> None:
    save_state(
        session,
        task,
        after,
        now,
        action="has no certain answer" if after.state == UNKNOWN else after.state,
        actor=partner,
        notes=after.reason,
        cause=cause,
        ends_lease=True,
    )
    # By a callback there is an actor, whose change of the row the audit's trigger records.
    if after.state not in PENDING and not current_actor():
        external_requests.record_decision(session, after, task.ticket_id, before.state)
