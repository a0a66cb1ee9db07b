"""Events as they travel: CloudEvents 1.0 attributes and a JSON body."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import orjson

from service_kit.messaging.event import Cause, Envelope, Message

LONGEST_SUBJECT = 300
LONGEST_ATTRIBUTE = 1_000
LARGEST_COMPANY = 2**31 - 1
LARGEST_REVISION = 2**31 - 1

_VERSION = re.compile(r"/v(\d{1,4})$")


class BadMessage(ValueError):
    """A received message can't be understood; sending it again won't help."""


class OutboxRow(Protocol):
    """What the relay reads of an outbox row."""

    id: str
    company_id: int
    subject: str
    type: str
    revision: int
    body: str
    actor_kind: str
    request_id: str
    traceparent: str
    cause_id: str
    created_at: datetime


def rfc3339(moment: datetime) -> str:
    """Write a moment as events carry it: UTC, microseconds, `Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def to_message(row: OutboxRow, *, source: str, schema_id: str) -> Message:
    """Make the message that announces an outbox row."""
    attributes = {
        "specversion": "1.0",
        "id": row.id,
        "source": source,
        "type": row.type,
        "subject": row.subject,
        "time": rfc3339(row.created_at),
        "dataschema": schema_id,
        "datacontenttype": "application/json",
        "companyid": str(row.company_id),
        "revision": str(row.revision),
        "actorkind": row.actor_kind,
    }
    for name, value in (
        ("requestid", row.request_id),
        ("traceparent", row.traceparent),
        ("causeid", row.cause_id),
    ):
        if value:
            attributes[name] = value
    return Message(row.id, row.type, attributes, row.body.encode())


def read_envelope(message: Message) -> Envelope:
    """Check and type the attributes of a received message. Raises BadMessage, naming the attribute."""
    given = message.attributes
    actor_kind = given.get("actorkind", "system")
    if actor_kind not in ("system", "person"):
        raise BadMessage("attribute actorkind must be system or person")
    version = _VERSION.search(_text(given, "dataschema"))
    if version is None:
        raise BadMessage("attribute dataschema must end in /v and a version")
    event_id = _uuid(given, message.id)
    return Envelope(
        id=event_id,
        type=_text(given, "type", message.type),
        version=int(version[1]),
        source=_text(given, "source"),
        subject=_text(given, "subject", longest=LONGEST_SUBJECT),
        company_id=_number(given, "companyid", 1, LARGEST_COMPANY),
        revision=_number(given, "revision", 0, LARGEST_REVISION),
        time=_time(given),
        cause=Cause(
            request_id=_text(given, "requestid", ""),
            traceparent=_text(given, "traceparent", ""),
            actor_kind="person" if actor_kind == "person" else "system",
            event_id=event_id,
        ),
    )


def read_body(message: Message, envelope: Envelope) -> dict[str, Any]:
    """Parse the body and hold it against its envelope. Raises BadMessage."""
    try:
        body = orjson.loads(message.body)
    except orjson.JSONDecodeError as error:
        raise BadMessage(f"the body is not JSON: {error.msg} at {error.pos}") from None
    if not isinstance(body, dict):
        raise BadMessage("the body is not a JSON object")
    # The companies of a batch come from envelopes; a body that says otherwise must not reach another company's rows.
    if body.get("company_id", envelope.company_id) != envelope.company_id:
        raise BadMessage("the company of the body is not that of the envelope")
    return body


def _text(given: Mapping[str, str], name: str, default: str | None = None, longest: int = LONGEST_ATTRIBUTE) -> str:
    value = given.get(name, default)
    if value is None or (value == "" and default != ""):
        raise BadMessage(f"attribute {name} is missing")
    # PostgreSQL's text can't hold NUL.
    if len(value) > longest or "\0" in value:
        raise BadMessage(f"attribute {name} is too long or holds NUL")
    return value


def _number(given: Mapping[str, str], name: str, smallest: int, largest: int) -> int:
    value = given.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 10 and smallest <= int(value) <= largest):
        raise BadMessage(f"attribute {name} must be a whole number between {smallest} and {largest}")
    return int(value)


def _uuid(given: Mapping[str, str], default: str) -> str:
    try:
        return str(UUID(given.get("id") or default))
    except ValueError:
        raise BadMessage("attribute id must be a UUID") from None


def _time(given: Mapping[str, str]) -> str:
    value = _text(given, "time")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise BadMessage("attribute time must be an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise BadMessage("attribute time must have an offset")
    return value
