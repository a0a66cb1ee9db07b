"""The wire format of events: CloudEvents 1.0 attributes and a JSON body."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
import orjson
from service_kit.database.companies import MAX_COMPANY_ID
from service_kit.telemetry.cause import Cause

from eventbus.event import Envelope, Message

MAX_SUBJECT_CHARACTERS = 300
MAX_SOURCE_CHARACTERS = 100
"""An index holds source and subject, and an index row has at most 2,700 bytes."""
MAX_ATTRIBUTE_CHARACTERS = 4_000
"""The maximum of all attributes together."""
MAX_REVISION = 2**31 - 1

CompanyId = Annotated[int, msgspec.Meta(ge=1, le=MAX_COMPANY_ID)]

Expected = TypeVar("Expected")


class BadMessage(ValueError):
    """A received message can't be decoded, now or later."""


class _Attributes(msgspec.Struct):
    """The attributes of an event that this system reads."""

    id: UUID
    type: Annotated[str, msgspec.Meta(min_length=1)]
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SOURCE_CHARACTERS)]
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SUBJECT_CHARACTERS)]
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    dataschema: Annotated[str, msgspec.Meta(pattern=r"/v[0-9]{1,4}$")]
    companyid: CompanyId
    revision: Annotated[int, msgspec.Meta(ge=0, le=MAX_REVISION)]
    actorkind: Literal["person", "system"] = "system"
    requestid: str = ""
    traceparent: str = ""


def rfc3339(moment: datetime) -> str:
    """Format a time for events: UTC, microseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


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
    text = "".join(message.attributes.values())
    if len(text) > MAX_ATTRIBUTE_CHARACTERS or "\0" in text:  # PostgreSQL's text can't hold NUL
        raise BadMessage("the attributes are too long or hold NUL")
    known = fitted({"id": message.id, "type": message.type, **message.attributes}, _Attributes, strict=False)
    event_id = str(known.id)
    return Envelope(
        id=event_id,
        type=known.type,
        version=int(known.dataschema.rpartition("/v")[2]),
        source=known.source,
        subject=known.subject,
        company_id=known.companyid,
        revision=known.revision,
        time=rfc3339(known.time),
        cause=Cause(known.requestid, known.traceparent, known.actorkind, event_id),
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


def fitted(value: Any, expected: type[Expected], *, strict: bool = True) -> Expected:
    """Return parsed JSON as an object of the type `expected`; unless `strict`, texts may hold its numbers.

    Raises BadMessage, which names the field and the expected type, never the value.
    """
    try:
        return msgspec.convert(value, expected, strict=strict)
    except msgspec.ValidationError as error:
        raise BadMessage(re.sub("value '.*'", "value", str(error), flags=re.DOTALL)) from None


def body_reader(view: type[Expected]) -> Callable[[Mapping[str, Any]], Expected]:
    """Return a function that converts a body to `view`, a dataclass: it checks the view's fields and ignores others.

    A float field accepts an int; a bool is neither. The function raises BadMessage. Raises TypeError for a field that
    JSON can't represent.
    """
    msgspec.json.schema(view)
    return partial(fitted, expected=view)
