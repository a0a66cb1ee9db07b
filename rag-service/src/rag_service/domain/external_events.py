"""Events of external producers, parsed into three kinds of requests."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from rag_service.domain.document import Unreadable
from rag_service.domain.errors import InvalidExternalEvent

FILE_UPLOADED, FILE_DELETED, TICKET_CREATED = "file.uploaded", "file.deleted", "ticket.created"
EVENT_SPELLINGS = {
    spelling: event
    for event in (FILE_UPLOADED, FILE_DELETED, TICKET_CREATED)
    for underscored in [event.replace(".", "_")]
    for spelling in (event, underscored, f"rag.process_{underscored}", f"process_{underscored}")
}
"""The event of every accepted spelling."""

KINDS = frozenset({"pdf", "word", "excel", "csv", "text", "html", "markdown"})
KIND_BY_EXTENSION = {
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
"""The kind of each file name extension."""
EXTERNAL_ID_NAMESPACE = uuid.UUID("c0a4b1de-33c6-4f0b-8d5d-0a0b6c6f1b52")
MAX_PATH_CHARACTERS, MAX_NAME_CHARACTERS, MAX_TITLE_CHARACTERS, MAX_DESCRIPTION_CHARACTERS = 1_000, 255, 500, 100_000
MAX_COMPANY_ID, MAX_TICKET_ID = 2**31 - 1, 2**63 - 1


@dataclass(frozen=True)
class ExternalRequest:
    """A validated event of an external producer. Fields that the event does not have are None."""

    event: str
    company_id: int
    file: uuid.UUID | None = None
    path: str | None = None
    name: str | None = None
    kind: str | None = None
    ticket_id: int | None = None
    ticket_uuid: str | None = None
    title: str | None = None
    description: str | None = None


def kind_of(name: str) -> str:
    """Return a file's kind by the extension of its name; raise Unreadable for an unknown extension."""
    kind = KIND_BY_EXTENSION.get(PurePath(name).suffix.casefold())
    if kind is None:
        raise Unreadable("wrong_kind", "Its name doesn't say what kind of file it is; give the kind.")
    return kind


def parse_object(message: Mapping[str, Any]) -> ExternalRequest:
    """Parse plain JSON: {event, …} or {event, payload: {…}}; raise InvalidExternalEvent."""
    event = message.get("event")
    inner = message.get("payload", message.get("data"))
    return parse_event(event, inner if isinstance(inner, dict) else {k: v for k, v in message.items() if k != "event"})


def parse_event(name: object, payload: Mapping[str, Any]) -> ExternalRequest:
    """Validate an event; raise InvalidExternalEvent naming the field."""
    event = EVENT_SPELLINGS.get(name) if isinstance(name, str) else None
    if event is None:
        raise InvalidExternalEvent(
            f"event: {str(name)[:60]!r} is none of {', '.join(sorted(set(EVENT_SPELLINGS.values())))}"
        )
    company_id = _whole(payload, "company_id", MAX_COMPANY_ID)
    if event == TICKET_CREATED:
        return ExternalRequest(
            event,
            company_id,
            ticket_id=_whole(payload, "ticket_id", MAX_TICKET_ID),
            ticket_uuid=_uuid_or_none(payload.get("ticket_uuid")),
            title=_text(payload, "title", MAX_TITLE_CHARACTERS, default=""),
            description=_text(payload, "description", MAX_DESCRIPTION_CHARACTERS),
        )
    file = _file(company_id, payload.get("file_id"))
    if event == FILE_DELETED:
        return ExternalRequest(event, company_id, file)
    path = _text(payload, "file_path" if payload.get("file_path") else "file_relative_path", MAX_PATH_CHARACTERS)
    kind = payload.get("kind")
    if kind is not None and kind not in KINDS:
        raise InvalidExternalEvent(f"kind: must be one of {', '.join(sorted(KINDS))}")
    given = payload.get("original_name")
    last = path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    name = _text({"original_name": last if given is None else given}, "original_name", MAX_NAME_CHARACTERS)
    return ExternalRequest(event, company_id, file, path, name, kind)


def _whole(payload: Mapping[str, Any], field: str, most: int) -> int:
    value = payload.get(field)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidExternalEvent(f"{field}: must be a whole number from 1 on")
    return value


def _text(payload: Mapping[str, Any], field: str, max_characters: int, *, default: str | None = None) -> str:
    value = payload.get(field)
    if value is None and default is not None:
        value = default
    if not isinstance(value, str) or len(value) > max_characters or (default is None and not value.strip()):
        raise InvalidExternalEvent(f"{field}: must be a text of 1 to {max_characters} characters")
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise InvalidExternalEvent(f"{field}: holds characters that no text has")
    return value[:max_characters]


def _file(company_id: int, value: Any) -> uuid.UUID:
    """Return a file's id; a producer's own id that is no UUID is mapped to a fixed UUID."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip() or len(str(value)) > 200:
        raise InvalidExternalEvent("file_id: must be a UUID, or a producer's own id")
    found = _uuid_or_none(value)
    return (
        uuid.UUID(found)
        if found
        else uuid.uuid5(EXTERNAL_ID_NAMESPACE, f"{company_id}:{value}".encode("utf-8", "replace").decode())
    )


def _uuid_or_none(value: Any) -> str | None:
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None
