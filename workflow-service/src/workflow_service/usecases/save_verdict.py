"""Store what a call of a partner has brought: the request, its task, the history and the event in one transaction."""

from dataclasses import replace
from uuid import uuid4

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
        final = verdict.state in (APPROVED, REFUSED)
        if current.state not in PENDING:
            if final and current.answer is None:
                _keep_late(session, task, current, partner, verdict)
            return
        if current.tries != asked.tries and not final:
            return  # the lease has ended, and a later try decides
        after = answered(current, verdict, limits, now)
        if after.state == current.state:
            external_requests.save(session, after, ends_lease=True)
            return
        save_state(
            session,
            task,
            after,
            now,
            action="has no certain answer" if after.state == UNKNOWN else after.state,
            actor=partner.name,
            notes=after.reason,
            cause=Cause(request_id=uuid4().hex),
            ends_lease=True,
        )
        if after.state not in PENDING:
            external_requests.record_decision(session, after, task.ticket_id, current.state)


def _keep_late(session: Session, task: Task, current: External, partner: Partner, verdict: Verdict) -> None:
    external_requests.save(session, replace(current, answer=verdict.answer or {}), ends_lease=True)
    notes = f"{partner.name} answered after the request was {current.state}: {verdict.state}, {verdict.reason}"
    tasks.record(session, [Change(f"{current.kind} answered late", partner.name, task, task, notes)])
