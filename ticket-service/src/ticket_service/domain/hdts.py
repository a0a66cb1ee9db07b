"""Tickets of an HDTS, the help desk of another system: which fields they have, and what these mean here."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ticket_service.domain.enums import Priority
from ticket_service.domain.storable import fault_of_json, fault_of_text

PRIORITIES = {
    "low": Priority.MEDIUM,
    "medium": Priority.HIGH,
    "high": Priority.URGENT,
    "urgent": Priority.URGENT,
    "critical": Priority.URGENT,
}
"""The priority here of each of the sender's."""
MAX_ID_CHARACTERS = 100
MAX_TITLE_CHARACTERS = 200
MAX_CATEGORY_CHARACTERS = 100
MAX_DEPARTMENT_CHARACTERS = 100
MAX_DESCRIPTION_CHARACTERS = 100_000
MAX_NAME_CHARACTERS = 200
MAX_EMAIL_CHARACTERS = 254
MAX_FILE_NAME_CHARACTERS = 255
MAX_URL_CHARACTERS = 2_000
MAX_ATTACHMENTS = 50
MAX_METADATA_BYTES = 16 * 1024
MAX_METADATA_DEPTH = 6
FIELDS = frozenset({
    "ticket_id", "title", "category", "sub_category", "priority", "description", "department", "requester_email",
    "requester_name", "created_at", "attachments",
})  # fmt: skip
REQUIRED = frozenset({"ticket_id", "title", "category", "sub_category", "priority"})
TEXTS = FIELDS - {"attachments"}
MAX_DIGITS_OF_ID = 18
METADATA = "hdts"
"""The key below which a ticket's metadata has what has no field of its own."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")

Faults = dict[str, str]


class InvalidHdtsTicket(Exception):
    """A ticket that breaks the rules; `errors` names each field. It never quotes values."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in faults.items()))
        self.errors = [
            {"field": field, "message": f"{message[:1].upper()}{message[1:]}."} for field, message in faults.items()
        ]


@dataclass(frozen=True)
class HdtsTicket:
    """A ticket as its sender described it, in this system's terms. `metadata` has what has no field of its own."""

    external_id: str
    title: str
    category: str
    sub_category: str
    priority: Priority
    description: str
    department: str | None
    requester_email: str | None
    requester_name: str | None
    metadata: Mapping[str, Any]

    def digests(self) -> dict[str, str]:
        """Return a digest of each field, to find out later which of them a changed ticket changes."""
        fields = {name: value for name, value in vars(self).items() if name != "external_id"}
        return {name: _digest(value) for name, value in fields.items()}


def trimmed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sender's object with its texts as they are understood.

    Blanks around them are removed, except in the description; a blank one is None where it may be absent, and a whole
    number is taken as the id's text.
    """
    return {name: _trimmed(name, value) if name in TEXTS else value for name, value in content.items()}


def _trimmed(field: str, value: Any) -> Any:
    if field == "ticket_id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**MAX_DIGITS_OF_ID else value
    if not isinstance(value, str):
        return value
    if field not in REQUIRED and not any(each.isprintable() and not each.isspace() for each in value):
        return None
    if field == "priority":
        return value.strip().lower()
    return value if field == "description" else value.strip()


def read_ticket(content: Mapping[str, Any]) -> HdtsTicket:
    """Return the ticket that a sender's object describes; raise InvalidHdtsTicket naming each invalid field.

    Unknown fields are kept in the metadata: the sender's system has more than this one knows of.
    """
    faults: Faults = {}
    content = trimmed(content)
    text = _reader_of_texts(content, faults)
    external_id = text("ticket_id", MAX_ID_CHARACTERS, required=True)
    title = text("title", MAX_TITLE_CHARACTERS, required=True)
    category = text("category", MAX_CATEGORY_CHARACTERS, required=True)
    sub_category = text("sub_category", MAX_CATEGORY_CHARACTERS, required=True)
    priority = PRIORITIES.get(text("priority", 20, required=True) or "")
    if priority is None:
        faults.setdefault("priority", f"must be one of {', '.join(PRIORITIES)}")
    description = text("description", MAX_DESCRIPTION_CHARACTERS)
    department = text("department", MAX_DEPARTMENT_CHARACTERS)
    email = text("requester_email", MAX_EMAIL_CHARACTERS)
    if email is not None and not _EMAIL.fullmatch(email):
        faults["requester_email"] = "must be an e-mail address"
    name = text("requester_name", MAX_NAME_CHARACTERS)
    metadata = _metadata(content, department, _time(text("created_at", 40), faults), faults)
    if faults:
        raise InvalidHdtsTicket(faults)
    assert external_id is not None
    assert title is not None
    assert category is not None
    assert sub_category is not None
    assert priority is not None
    return HdtsTicket(
        external_id, title, category, sub_category, priority, description or "", department, email, name, metadata
    )


def _reader_of_texts(content: Mapping[str, Any], faults: Faults) -> Callable[..., str | None]:
    def text(field: str, max_characters: int, *, required: bool = False) -> str | None:
        value = content.get(field)
        blank = isinstance(value, str) and not any(each.isprintable() and not each.isspace() for each in value)
        if value is None or blank:
            if required:
                faults[field] = f"must be a text of 1 to {max_characters} characters"
            return None
        if not isinstance(value, str) or len(value) > max_characters:
            faults[field] = f"must be a text of {int(required)} to {max_characters} characters"
            return None
        fault = fault_of_text(value)
        if fault is None and field == "ticket_id" and not value.isprintable():
            # People search for it, and two that look alike would be two tickets.
            fault = "holds characters that can't be seen"
        if fault is not None:
            faults[field] = fault
            return None
        return value

    return text


def _time(created_at: str | None, faults: Faults) -> str | None:
    """Return a time as it was sent; one without a zone is in UTC."""
    if created_at is None:
        return None
    try:
        read = datetime.fromisoformat(created_at)
    except ValueError:
        faults["created_at"] = "must be a time such as 2026-11-20T10:30:00Z"
        return None
    return created_at if read.tzinfo else read.replace(tzinfo=UTC).isoformat()


def _metadata(
    content: Mapping[str, Any], department: str | None, created_at: str | None, faults: Faults
) -> dict[str, Any]:
    kept: dict[str, Any] = {"department": department, "created_at": created_at}
    kept["attachments"] = _attachments(content.get("attachments"), faults)
    extra = {name: value for name, value in content.items() if name not in FIELDS}
    for name, value in extra.items():
        fault = fault_of_json({name: value}, max_bytes=MAX_METADATA_BYTES, max_depth=MAX_METADATA_DEPTH)
        if fault is not None:
            # The name itself may be what is wrong, and it is shown to people.
            faults[_printable(name)] = fault
    kept["extra"] = extra
    kept = {name: value for name, value in kept.items() if value}
    kept = {METADATA: kept} if kept else {}
    if not faults:
        fault = fault_of_json(kept, max_bytes=MAX_METADATA_BYTES, max_depth=MAX_METADATA_DEPTH + 3)
        if fault is not None:
            faults["attachments" if content.get("attachments") else "body"] = f"what has no field here is {fault}"
    return kept


def _attachments(value: Any, faults: Faults) -> list[dict[str, str]]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MAX_ATTACHMENTS:
        faults["attachments"] = f"must be a list of up to {MAX_ATTACHMENTS} objects with filename and url"
        return []
    attachments = []
    for index, each in enumerate(value):
        fields = each if isinstance(each, dict) else {}
        name = _short_text(fields.get("filename"), MAX_FILE_NAME_CHARACTERS)
        url = _short_text(fields.get("url"), MAX_URL_CHARACTERS)
        if name is None:
            faults[f"attachments.{index}.filename"] = f"must be a text of 1 to {MAX_FILE_NAME_CHARACTERS} characters"
        # Nobody here fetches it, but people may follow it: no javascript:, no file:.
        elif url is None or not url.lower().startswith(("http://", "https://")):
            faults[f"attachments.{index}.url"] = "must be an address that begins with http:// or https://"
        else:
            attachments.append({"filename": name, "url": url})
    return attachments


def _short_text(value: Any, max_characters: int) -> str | None:
    fits = isinstance(value, str) and 0 < len(value) <= max_characters and fault_of_text(value) is None
    return value if fits else None


def _printable(name: str) -> str:
    return name[:60].encode("utf-8", "replace").decode().replace("\0", "\ufffd") or "body"


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
