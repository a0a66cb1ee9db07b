"""The events that this service publishes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from eventbus.event import Event
from service_kit.telemetry.cause import Cause

from ticket_service.domain.comments import Comment
from ticket_service.domain.edit import RoutingRequest
from ticket_service.domain.enums import Status
from ticket_service.domain.files import StoredFile
from ticket_service.domain.jobs import Job
from ticket_service.domain.ticket import Ticket

CREATED = "ticket.created"
UPDATED = "ticket.updated"
STATUS_UPDATED = "ticket.status.updated"
COMMENTED = "ticket.commented"
COMMENT_UPDATED = "ticket.comment.updated"
COMMENT_DELETED = "ticket.comment.deleted"
DELETED = "ticket.deleted"
FILE_UPLOADED = "file.uploaded"
FILE_DELETED = "file.deleted"
JOB_STEP_REQUESTED = "job.step.requested"
MAIL_ACCEPTED = "mail.accepted"


def subject_of(ticket: Ticket) -> str:
    """Return the subject of a ticket's events."""
    return str(ticket.id)


def rfc3339(moment: datetime) -> str:
    """Return a UTC time as RFC 3339 with microseconds and a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def created(ticket: Ticket, cause: Cause) -> Event:
    """Return `ticket.created` for a stored ticket, before any prediction."""
    event = created_before_insert(ticket, cause)
    numbered = {"ticket_id": ticket.id, "created_at": rfc3339(ticket.created_at)}
    return replace(event, subject=subject_of(ticket), body=numbered | dict(event.body))


def created_before_insert(ticket: Ticket, cause: Cause) -> Event:
    """Return `ticket.created` for a ticket about to be inserted; the insert statement adds number and time."""
    body = {
        "ticket_uuid": str(ticket.uuid),
        "company_id": ticket.company_id,
        "title": ticket.title,
        "description": ticket.description,
        "category": ticket.category,
        "priority": ticket.priority.value,
        "given_category": ticket.category if ticket.category_given else None,
        "given_priority": ticket.priority.value if ticket.priority_given else None,
        "sub_category": ticket.sub_category,
        "external_ticket_id": ticket.external_ticket_id,
        "requester": ticket.customer_id,
        "need_admin": ticket.need_admin,
        "bert_category": None,
        "bert_confidence": None,
        "similarity_score": None,
        "assigned_team_id": None,
    }
    return Event(CREATED, "", ticket.company_id, ticket.revision, body, cause)


def updated(
    ticket: Ticket, revision: int, changed: Sequence[str], request: RoutingRequest | None, actor: str, cause: Cause
) -> Event:
    """Return `ticket.updated`: the ticket after an edit, and the routing that the person requested.

    `names_team` distinguishes a request for no team from a request that names no team.
    """
    body = {
        "title": ticket.title,
        "description": ticket.description,
        "priority": ticket.priority.value,
        "priority_given": ticket.priority_given,
        "category": ticket.category,
        "category_given": ticket.category_given,
        "sub_category": ticket.sub_category,
        "external_ticket_id": ticket.external_ticket_id,
        "status": ticket.status.value,
        "wanted_department": request.department if request else None,
        "wanted_team_id": request.team.team_id if request and request.team else None,
        "names_team": request is not None and request.names_team,
        "actor": actor,
        "updated_at": rfc3339(ticket.updated_at),
        "changed": list(changed),
    }
    return _event(UPDATED, ticket, revision, body, cause)


def status_updated(ticket: Ticket, revision: int, before: Status, actor: str, cause: Cause) -> Event:
    """Return `ticket.status.updated` for a ticket with a new status."""
    body = {
        "status": ticket.status.value,
        "previous_status": before.value,
        "actor": actor,
        "updated_at": rfc3339(ticket.updated_at),
    }
    return _event(STATUS_UPDATED, ticket, revision, body, cause)


def commented(ticket: Ticket, revision: int, comment: Comment, cause: Cause) -> Event:
    """Return `ticket.commented` for a comment that is sent, without its text."""
    return _event(COMMENTED, ticket, revision, _comment(comment) | {"mentions": list(comment.mentions)}, cause)


def comment_updated(ticket: Ticket, revision: int, comment: Comment, actor: str, cause: Cause) -> Event:
    """Return `ticket.comment.updated` for a comment with another text, which the event doesn't hold."""
    assert comment.edited_at is not None
    changed = {"version": comment.version, "actor": actor, "edited_at": rfc3339(comment.edited_at)}
    return _event(COMMENT_UPDATED, ticket, revision, _comment(comment) | changed, cause)


def comment_deleted(ticket: Ticket, revision: int, comment: Comment, actor: str, cause: Cause) -> Event:
    """Return `ticket.comment.deleted` for the tombstone of a comment."""
    assert comment.deleted_at is not None
    changed = {"version": comment.version, "actor": actor, "deleted_at": rfc3339(comment.deleted_at)}
    return _event(COMMENT_DELETED, ticket, revision, _comment(comment) | changed, cause)


def deleted(ticket: Ticket, moment: datetime, actor: str, cause: Cause) -> Event:
    """Return `ticket.deleted`."""
    body = {"deleted_at": rfc3339(moment), "actor": actor}
    return _event(DELETED, ticket, ticket.revision + 1, body, cause)


def file_uploaded(file: StoredFile, cause: Cause) -> Event:
    """Return `file.uploaded` for a file or a new version; the version is the revision."""
    body = {
        "file_id": str(file.id),
        "company_id": file.company_id,
        "file_relative_path": None,
        "original_name": file.name,
        "kind": file.kind.value,
        "size_bytes": file.size,
        "content_type": file.content_type,
        "sha256": file.sha256,
        "version": file.version,
        "uploaded_at": rfc3339(file.uploaded_at),
    }
    return Event(FILE_UPLOADED, str(file.id), file.company_id, file.version, body, cause)


def file_deleted(file: StoredFile, cause: Cause) -> Event:
    """Return `file.deleted`."""
    body = {"file_id": str(file.id), "company_id": file.company_id}
    return Event(FILE_DELETED, str(file.id), file.company_id, file.version + 1, body, cause)


def job_step_requested(job: Job, cause: Cause) -> Event:
    """Return `job.step.requested`, by which this service asks its own worker for the next items of a job.

    The step is the revision. `cause` is the request that started the job.
    """
    step = job.steps + 1
    body = {"company_id": job.company_id, "job_id": str(job.id), "step": step}
    return Event(JOB_STEP_REQUESTED, str(job.id), job.company_id, step, body, cause)


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "comment_id": comment.id,
        "parent_id": comment.parent_id,
        "author": comment.author,
        "author_kind": comment.author_kind.value,
        "internal": comment.internal,
        "sent_at": rfc3339(comment.sent_at),
    }


def mail_accepted(mail_id: int, ticket: Ticket, comment: Comment | None, cause: Cause) -> Event:
    """Return `mail.accepted` for a mail that became a ticket, or a comment on one."""
    body = {
        "company_id": ticket.company_id,
        "mail_id": mail_id,
        "ticket_id": ticket.id,
        "comment_id": comment.id if comment else None,
    }
    return Event(MAIL_ACCEPTED, f"mail:{mail_id}", ticket.company_id, 1, body, cause)


def _event(event_type: str, ticket: Ticket, revision: int, body: dict[str, Any], cause: Cause) -> Event:
    whose = {"ticket_id": ticket.id, "ticket_uuid": str(ticket.uuid), "company_id": ticket.company_id}
    return Event(event_type, subject_of(ticket), ticket.company_id, revision, whose | body, cause)
