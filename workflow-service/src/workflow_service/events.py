"""The events that this service publishes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventbus.event import Event
from eventbus.wire import rfc3339
from service_kit.telemetry.cause import Cause

from workflow_service.domain.external import External
from workflow_service.domain.partner_answers import MAX_TEXT_CHARACTERS
from workflow_service.domain.task import Task
from workflow_service.domain.ticket import Ticket

MAX_LEADS = 200
"""How many leads an event names."""


def ticket_assigned(task: Task, action: str, actor: str, now: datetime, cause: Cause) -> Event:
    """Return `ticket.assigned`: the task as it is after a change of its step, status or assignee."""
    return Event(
        type="ticket.assigned",
        subject=str(task.ticket_id),
        company_id=task.company_id,
        revision=task.revision,
        cause=cause,
        body={
            "ticket_id": task.ticket_id,
            "ticket_uuid": task.ticket_uuid,
            "company_id": task.company_id,
            "task_id": task.id,
            "workflow_id": task.workflow_id,
            "workflow_version": task.workflow_version,
            "step": task.step,
            "status": task.status,
            "assignee": task.assigned_user,
            "department": task.department,
            "team_id": task.team_id,
            "priority": task.priority,
            "due": None if task.sla_deadline is None else rfc3339(task.sla_deadline),
            "breached": task.is_sla_breached,
            "clocks": task.clocks,
            "action": action,
            "actor": actor,
            "changed_at": rfc3339(now),
        },
    )


def task_unmatched(ticket: Ticket, now: datetime, cause: Cause) -> Event:
    """Return `task.unmatched`: no workflow takes the ticket, so that a person must choose one."""
    return Event(
        type="task.unmatched",
        subject=str(ticket.ticket_id),
        company_id=ticket.company_id,
        revision=ticket.routed_revision,
        cause=cause,
        body={
            "ticket_id": ticket.ticket_id,
            "ticket_uuid": ticket.ticket_uuid,
            "company_id": ticket.company_id,
            "category": ticket.category,
            "sub_category": ticket.sub_category,
            "department": ticket.department,
            "unmatched_at": rfc3339(now),
        },
    )


@dataclass(frozen=True)
class ClockEvent:
    """A clock of a task, at one of its due dates."""

    task: Task
    clock: str
    step: str
    due_at: datetime


def sla_warning(at: ClockEvent, now: datetime, cause: Cause) -> Event:
    """Return `sla.warning`: three quarters of the time of a clock are over."""
    return _clock_event("sla.warning", at, cause, {"warned_at": rfc3339(now)})


def sla_breached(at: ClockEvent, breached_at: datetime, reason: str, now: datetime, cause: Cause) -> Event:
    """Return `sla.breached`: a clock was not ended in time."""
    times = {"breached_at": rfc3339(breached_at), "declared_at": rfc3339(now)}
    return _clock_event("sla.breached", at, cause, {**times, "reason": reason})


def sla_retracted(at: ClockEvent, now: datetime, cause: Cause) -> Event:
    """Return `sla.retracted`: a fact arrived late, by which a breach that was declared did not happen."""
    return _clock_event("sla.retracted", at, cause, {"retracted_at": rfc3339(now)})


def _clock_event(kind: str, at: ClockEvent, cause: Cause, more: Mapping[str, Any]) -> Event:
    task = at.task
    return Event(
        type=kind,
        subject=str(task.ticket_id),
        company_id=task.company_id,
        revision=task.revision,
        cause=cause,
        body={
            "ticket_id": task.ticket_id,
            "company_id": task.company_id,
            "task_id": task.id,
            "clock": at.clock,
            "step": at.step or None,
            "priority": task.priority,
            "assignee": task.assigned_user,
            "due_at": rfc3339(at.due_at),
            **more,
        },
    )


def task_external_decided(task: Task, external: External, now: datetime, cause: Cause) -> Event:
    """Return `task.external.decided`: the whole outcome of a request to a partner."""
    answer = external.answer or {}
    return Event(
        type="task.external.decided",
        subject=str(task.ticket_id),
        company_id=task.company_id,
        revision=task.revision,
        cause=cause,
        body={
            "ticket_id": task.ticket_id,
            "company_id": task.company_id,
            "task_id": task.id,
            "request_id": external.id,
            "kind": external.kind,
            "step": external.step,
            "state": external.state,
            "reason": external.reason,
            "decided_by": external.decided_by,
            "tries": external.tries,
            "reference": _text(answer.get("reservation_id") or answer.get("approval_id")),
            "valid_until": _text(answer.get("valid_until")),
            "decided_at": rfc3339(now),
        },
    )


def task_approval_requested(task: Task, leads: Sequence[str], actor: str, now: datetime, cause: Cause) -> Event:
    """Return `task.approval.requested`: a task has come to a step that a lead, a manager or an admin must approve."""
    return Event(
        type="task.approval.requested",
        subject=str(task.ticket_id),
        company_id=task.company_id,
        revision=task.revision,
        cause=cause,
        body={
            "ticket_id": task.ticket_id,
            "company_id": task.company_id,
            "task_id": task.id,
            "workflow_id": task.workflow_id,
            "workflow_version": task.workflow_version,
            "step": task.step,
            "assignee": task.assigned_user,
            "leads": list(leads)[:MAX_LEADS],
            "department": task.department,
            "team_id": task.team_id,
            "priority": task.priority,
            "actor": actor,
            "requested_at": rfc3339(now),
        },
    )


def task_completed(task: Task, now: datetime, cause: Cause) -> Event:
    """Return `task.completed`: a task has come to the end of a workflow whose end logic is `notification`."""
    return Event(
        type="task.completed",
        subject=str(task.ticket_id),
        company_id=task.company_id,
        revision=task.revision,
        cause=cause,
        body={
            "ticket_id": task.ticket_id,
            "company_id": task.company_id,
            "task_id": task.id,
            "workflow_id": task.workflow_id,
            "workflow_version": task.workflow_version,
            "step": task.step,
            "assignee": task.assigned_user,
            "department": task.department,
            "team_id": task.team_id,
            "priority": task.priority,
            "completed_at": rfc3339(now),
        },
    )


def _text(value: object) -> str | None:
    return value[:MAX_TEXT_CHARACTERS] if isinstance(value, str) else None
