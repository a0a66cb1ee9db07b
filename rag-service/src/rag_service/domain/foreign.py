"""What outside producers send: Celery's messages (protocols 1 and 2) or plain JSON, read into three requests."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag_service.domain.words import BadForeignEvent

FILE_UPLOADED, FILE_DELETED, TICKET_CREATED = "file.uploaded", "file.deleted", "ticket.created"
NAMES = {
    spelling: event
    for event in (FILE_UPLOADED, FILE_DELETED, TICKET_CREATED)
    for underscored in [event.replace(".", "_")]
    for spelling in (event, underscored, f"rag.process_{underscored}", f"process_{underscored}")
}
"""Every spelling of an event, and which it means."""

KINDS = frozenset({"pdf", "word", "excel", "csv", "text", "html", "markdown"})
ENDINGS = {
    ".pdf": "pdf",
    ".docx": "word",
    ".xlsx": "excel",
    ".xls": "excel",
    ".csv": "csv",
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".htm": "html",
    ".html": "html",
}
"""Kinds by the endings of names."""
FOREIGN_IDS = uuid.UUID("c0a4b1de-33c6-4f0b-8d5d-0a0b6c6f1b52")
LONGEST_PATH, LONGEST_NAME, LONGEST_TITLE, LONGEST_DESCRIPTION = 1_000, 255, 500, 100_000
LARGEST_COMPANY, LARGEST_TICKET = 2**31 - 1, 2**63 - 1


@dataclass(frozen=True)
class Request:
    """One event of an outside producer, checked. What the event doesn't have is None."""

    event: str
    company: int
    file: uuid.UUID | None = None
    path: str | None = None
    name: str | None = None
    kind: str | None = None
    ticket_id: int | None = None
    ticket_uuid: str | None = None
    title: str | None = None
    description: str | None = None


def read_message(body: bytes, headers: Mapping[str, Any]) -> Request:
    """Read a message of the queue; raise BadForeignEvent saying what is wrong with it."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise BadForeignEvent("the body is not JSON") from None
    task = headers.get("task")
    if isinstance(task, str):  # Celery's protocol 2: the task's name is a header, the body [args, kwargs, embed]
        if not isinstance(said, list) or len(said) < 2:
            raise BadForeignEvent("the body is not [args, kwargs, …], as Celery sends it")
        return read_event(task, _payload(said[0], said[1]))
    if not isinstance(said, dict):
        raise BadForeignEvent("the body is not an object")
    if "task" in said:  # Celery's protocol 1, or somebody writing it by hand
        return read_event(said["task"], _payload(said.get("args"), said.get("kwargs")))
    return read_object(said)


def read_object(said: Mapping[str, Any]) -> Request:
    """Read plain JSON: {event, …} or {event, payload: {…}}; raise BadForeignEvent."""
    event = said.get("event")
    inner = said.get("payload", said.get("data"))
    return read_event(event, inner if isinstance(inner, dict) else {k: v for k, v in said.items() if k != "event"})


def read_event(name: object, payload: Mapping[str, Any]) -> Request:
    """Check what an event says; raise BadForeignEvent naming the field."""
    event = NAMES.get(name) if isinstance(name, str) else None
    if event is None:
        raise BadForeignEvent(f"event: {str(name)[:60]!r} is none of {', '.join(sorted(set(NAMES.values())))}")
    company = _whole(payload, "company_id", LARGEST_COMPANY)
    if event == TICKET_CREATED:
        return Request(
            event,
            company,
            ticket_id=_whole(payload, "ticket_id", LARGEST_TICKET),
            ticket_uuid=_uuid_or_none(payload.get("ticket_uuid")),
            title=_text(payload, "title", LONGEST_TITLE, default=""),
            description=_text(payload, "description", LONGEST_DESCRIPTION),
        )
    file = _file(company, payload.get("file_id"))
    if event == FILE_DELETED:
        return Request(event, company, file)
    path = _text(payload, "file_path" if payload.get("file_path") else "file_relative_path", LONGEST_PATH)
    kind = payload.get("kind")
    if kind is not None and kind not in KINDS:
        raise BadForeignEvent(f"kind: must be one of {', '.join(sorted(KINDS))}")
    given = payload.get("original_name")
    last = path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    name = _text({"original_name": last if given is None else given}, "original_name", LONGEST_NAME)
    return Request(event, company, file, path, name, kind)


def _payload(args: Any, kwargs: Any) -> Mapping[str, Any]:
    """Return what a task was called with: its first argument that is an object, or its keyword arguments."""
    for each in args if isinstance(args, list) else []:
        if isinstance(each, dict):
            return each
    if not isinstance(kwargs, dict):
        raise BadForeignEvent("there is neither an object among the arguments nor a keyword argument")
    for name in ("payload", "event", "data"):
        if isinstance(kwargs.get(name), dict):
            found: Mapping[str, Any] = kwargs[name]
            return found
    return kwargs


def _whole(payload: Mapping[str, Any], field: str, most: int) -> int:
    value = payload.get(field)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BadForeignEvent(f"{field}: must be a whole number from 1 on")
    return value


def _text(payload: Mapping[str, Any], field: str, longest: int, *, default: str | None = None) -> str:
    value = payload.get(field)
    if value is None and default is not None:
        value = default
    if not isinstance(value, str) or len(value) > longest or (default is None and not value.strip()):
        raise BadForeignEvent(f"{field}: must be a text of 1 to {longest} characters")
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise BadForeignEvent(f"{field}: holds characters that no text has")
    return value[:longest]


def _file(company: int, value: Any) -> uuid.UUID:
    """Return a file's id; ids that are no UUIDs are given one that is always the same."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip() or len(str(value)) > 200:
        raise BadForeignEvent("file_id: must be a UUID, or a producer's own id")
    found = _uuid_or_none(value)
    return (
        uuid.UUID(found) if found else uuid.uuid5(FOREIGN_IDS, f"{company}:{value}".encode("utf-8", "replace").decode())
    )


def _uuid_or_none(value: Any) -> str | None:
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None
