"""The events this service announces."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from service_kit.messaging.event import Cause, Event

from ticket_service.domain.edit import Wish
from ticket_service.domain.files import StoredFile
from ticket_service.domain.ticket import Ticket
from ticket_service.domain.words import Status

CREATED = "ticket.created"
UPDATED = "ticket.updated"
STATUS_UPDATED = "ticket.status.updated"
DELETED = "ticket.deleted"
FILE_UPLOADED = "file.uploaded"
FILE_DELETED = "file.deleted"


def subject_of(ticket: Ticket) -> str:
    """Name the subject of a ticket's events."""
    return str(ticket.id)


def rfc3339(moment: datetime) -> str:
    """Write a UTC moment with microseconds and a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def created(ticket: Ticket, cause: Cause) -> Event:
    """Announce a stored ticket with what is known before anything has read it."""
    event = to_be_created(ticket, cause)
    numbered = {"ticket_id": ticket.id, "created_at": rfc3339(ticket.created_at)}
    return replace(event, subject=subject_of(ticket), body=numbered | dict(event.body))


def to_be_created(ticket: Ticket, cause: Cause) -> Event:
    """Announce a ticket that one statement is about to store, which adds the number and the time."""
    body = {
        "ticket_uuid": str(ticket.uuid),
        "company_id": ticket.company_id,
        "title": ticket.title,
        "description": ticket.description,
        "category": ticket.category,
        "priority": ticket.priority.value,
        "need_admin": ticket.need_admin,
        "bert_category": None,
        "bert_confidence": None,
        "similarity_score": None,
        "assigned_team_id": None,
    }
    return Event(CREATED, "", ticket.company_id, ticket.revision, body, cause)


def updated(
    ticket: Ticket, revision: int, changed: Sequence[str], wish: Wish | None, actor: str, cause: Cause
) -> Event:
    """Announce what a ticket says after an edit, and the routing that a person wished for with it.

    No team is a wish too: `names_team` says that the wish speaks of the team.
    """
    body = {
        "title": ticket.title,
        "description": ticket.description,
        "priority": ticket.priority.value,
        "priority_given": ticket.priority_given,
        "status": ticket.status.value,
        "wanted_department": wish.department if wish else None,
        "wanted_team_id": wish.team.team_id if wish and wish.team else None,
        "names_team": wish is not None and wish.names_team,
        "actor": actor,
        "updated_at": rfc3339(ticket.updated_at),
        "changed": list(changed),
    }
    return _event(UPDATED, ticket, revision, body, cause)


def status_updated(ticket: Ticket, revision: int, before: Status, actor: str, cause: Cause) -> Event:
    """Announce that a ticket moved to another status."""
    body = {
        "status": ticket.status.value,
        "previous_status": before.value,
        "actor": actor,
        "updated_at": rfc3339(ticket.updated_at),
    }
    return _event(STATUS_UPDATED, ticket, revision, body, cause)


def deleted(ticket: Ticket, moment: datetime, actor: str, cause: Cause) -> Event:
    """Announce that a ticket is gone for good."""
    body = {"deleted_at": rfc3339(moment), "actor": actor}
    return _event(DELETED, ticket, ticket.revision + 1, body, cause)


def file_uploaded(file: StoredFile, cause: Cause) -> Event:
    """Announce a file, or a new version of one; its version is the revision."""
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
    """Announce that a file is gone for good."""
    body = {"file_id": str(file.id), "company_id": file.company_id}
    return Event(FILE_DELETED, str(file.id), file.company_id, file.version + 1, body, cause)


def _event(event_type: str, ticket: Ticket, revision: int, body: dict[str, Any], cause: Cause) -> Event:
    whose = {"ticket_id": ticket.id, "ticket_uuid": str(ticket.uuid), "company_id": ticket.company_id}
    return Event(event_type, subject_of(ticket), ticket.company_id, revision, whose | body, cause)
