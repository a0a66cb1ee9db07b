"""The wire format of events: CloudEvents 1.0 attributes and a JSON body."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from service_kit.telemetry.cause import Cause

from eventbus.event import Envelope, Message

MAX_SUBJECT_CHARACTERS = 300
MAX_SOURCE_CHARACTERS = 100
"""An index holds source and subject, and an index row has at most 2,700 bytes."""
MAX_ATTRIBUTE_CHARACTERS = 4_000
"""The maximum of all attributes together."""
MAX_COMPANY_ID = 2**31 - 1
MAX_REVISION = 2**31 - 1

_VERSION = re.compile(r"/v(\d{1,4})$")


class BadMessage(ValueError):
    """A received message can't be decoded, now or later."""


def rfc3339(moment: datetime) -> str:
    """Format a time for events: UTC, microseconds, `Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def to_message(row: Any, *, source: str, schema_id: str) -> Message:
    """Return the message for a row of `outbox_queries`."""
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
    optional = {"requestid": row.request_id, "traceparent": row.traceparent, "causeid": row.cause_id}
    attributes |= {name: value for name, value in optional.items() if value}
    return Message(row.id, row.type, attributes, row.body.encode())


def read_envelope(message: Message) -> Envelope:
    """Validate and convert the attributes of a received message. Raises BadMessage, which names the attribute."""
    attributes = message.attributes
    if sum(map(len, attributes.values())) > MAX_ATTRIBUTE_CHARACTERS:
        raise BadMessage("the attributes are too long")
    for name, value in attributes.items():
        if "\0" in value:  # PostgreSQL's text can't hold it
            raise BadMessage(f"attribute {name[:40]!r} holds NUL")
    actor_kind = attributes.get("actorkind", "system")
    if actor_kind not in ("system", "person"):
        raise BadMessage("attribute actorkind must be system or person")
    event_id = _uuid(attributes.get("id") or message.id)
    return Envelope(
        id=event_id,
        type=attributes.get("type") or message.type or _text(attributes, "type"),
        version=_version(_text(attributes, "dataschema")),
        source=_text(attributes, "source", MAX_SOURCE_CHARACTERS),
        subject=_text(attributes, "subject", MAX_SUBJECT_CHARACTERS),
        company_id=_number(attributes, "companyid", 1, MAX_COMPANY_ID),
        revision=_number(attributes, "revision", 0, MAX_REVISION),
        time=_time(_text(attributes, "time")),
        cause=Cause(
            attributes.get("requestid", ""),
            attributes.get("traceparent", ""),
            "person" if actor_kind == "person" else "system",
            event_id,
        ),
    )


def read_body(message: Message, envelope: Envelope) -> dict[str, Any]:
    """Parse the body and compare its company with the envelope's. Raises BadMessage."""
    try:
        body = orjson.loads(message.body)
    except orjson.JSONDecodeError as error:
        raise BadMessage(f"the body is not JSON: {error.msg} at {error.pos}") from None
    if not isinstance(body, dict):
        raise BadMessage("the body is not a JSON object")
    # A batch's companies come from its envelopes; a body with another company must not reach that company's rows.
    if body.get("company_id", envelope.company_id) != envelope.company_id:
        raise BadMessage("the company of the body is not that of the envelope")
    return body


def _text(attributes: Mapping[str, str], name: str, max_characters: int = MAX_ATTRIBUTE_CHARACTERS) -> str:
    value = attributes.get(name)
    if not value:
        raise BadMessage(f"attribute {name} is missing")
    if len(value) > max_characters:
        raise BadMessage(f"attribute {name} is longer than {max_characters}")
    return value


def _number(attributes: Mapping[str, str], name: str, minimum: int, maximum: int) -> int:
    value = attributes.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 10 and minimum <= int(value) <= maximum):
        raise BadMessage(f"attribute {name} must be a whole number between {minimum} and {maximum}")
    return int(value)


@lru_cache(1024)
def _version(data_schema: str) -> int:
    version = _VERSION.search(data_schema)
    if version is None:
        raise BadMessage("attribute dataschema must end in /v and a version")
    return int(version[1])


def _uuid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise BadMessage("attribute id must be a UUID") from None


def _time(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise BadMessage("attribute time must be an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise BadMessage("attribute time must have an offset")
    return value
