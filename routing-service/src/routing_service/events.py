"""The events that this service publishes."""

from datetime import datetime

from eventbus.event import Event
from eventbus.wire import rfc3339
from service_kit.telemetry.cause import Cause

from routing_service.domain.departments import Department
from routing_service.domain.ticket import Ticket


def ticket_routed(ticket: Ticket, cause: Cause, refused_request: int = 0) -> Event:
    """Return `ticket.routed` for a ticket as it is routed; `refused_request` is a request that was refused now."""
    assert ticket.department is not None
    assert ticket.routed_at is not None
    return Event(
        type="ticket.routed",
        subject=str(ticket.ticket_id),
        company_id=ticket.company_id,
        revision=ticket.revision,
        cause=cause,
        body={
            "ticket_id": ticket.ticket_id,
            "ticket_uuid": ticket.ticket_uuid,
            "company_id": ticket.company_id,
            "department": ticket.department,
            "category": ticket.category,
            "sub_category": ticket.sub_category,
            "external_ticket_id": ticket.external_ticket_id,
            "priority": ticket.priority,
            "confidence_score": ticket.confidence_score,
            "need_admin": ticket.need_admin,
            "team_id": ticket.team_id,
            "team": ticket.team,
            "team_by_person": ticket.team_by_person,
            "decided_by": ticket.decided_by,
            "reason": ticket.reason,
            "rerouted": ticket.rerouted,
            "actor": ticket.actor,
            "wish_revision": max(ticket.request_revision, refused_request),
            "routed_at": rfc3339(ticket.routed_at),
        },
    )


def department_created(department: Department, cause: Cause) -> Event:
    """Return `department.created`."""
    return _department("department.created", department, department.revision, department.updated_at, cause)


def department_updated(department: Department, cause: Cause) -> Event:
    """Return `department.updated` for a new description or state."""
    return _department("department.updated", department, department.revision, department.updated_at, cause)


def department_deleted(department: Department, now: datetime, cause: Cause) -> Event:
    """Return `department.deleted` with the department's last revision; its row is deleted."""
    return _department("department.deleted", department, department.revision + 1, now, cause)


def _department(kind: str, department: Department, revision: int, changed_at: datetime, cause: Cause) -> Event:
    return Event(
        type=kind,
        subject=f"department:{department.company_id}:{department.id}",
        company_id=department.company_id,
        revision=revision,
        cause=cause,
        body={
            "company_id": department.company_id,
            "department_id": department.id,
            "name": department.name,
            "description": department.description,
            "is_active": department.is_active and kind != "department.deleted",
            "changed_at": rfc3339(changed_at),
        },
    )
