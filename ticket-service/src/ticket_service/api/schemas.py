"""What bodies and queries must look like."""

from collections.abc import Mapping
from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Length, OneOf, Range
from service_kit.http.email import LONGEST_EMAIL, Email
from service_kit.http.pages import PageQuery
from service_kit.http.text import not_blank

from ticket_service.api.several import Several
from ticket_service.domain.words import Priority, Status

LONGEST_TITLE = 500
LONGEST_DESCRIPTION = 100_000
LONGEST_NAME = 200
LONGEST_CUSTOMER_ID = 100
LONGEST_DEPARTMENT = 100
LONGEST_TEAM = 100
LONGEST_SEARCH = 200
LARGEST_ID = 2**63 - 1
LARGEST_VERSION = 2**31 - 1
LARGEST_METADATA = 16 * 1024
DEEPEST_METADATA = 8


def small_object(value: Mapping[str, Any]) -> None:
    """Refuse an object that is too large, nests too deep or holds numbers that JSON can't."""
    try:
        size = len(orjson.dumps(value))
    except TypeError:
        raise ValidationError("Not a JSON object that can be stored.") from None
    if size > LARGEST_METADATA:
        raise ValidationError(f"Larger than {LARGEST_METADATA} bytes.")
    level: list[Any] = [value]
    for _ in range(DEEPEST_METADATA):
        inner = [item for outer in level for item in (outer.values() if isinstance(outer, Mapping) else outer)]
        if any(item in (float("inf"), float("-inf")) for item in inner if isinstance(item, float)):
            raise ValidationError("Holds a number that is too large.")
        level = [item for item in inner if isinstance(item, Mapping | list)]
        if not level:
            return
    raise ValidationError(f"Nested deeper than {DEEPEST_METADATA} levels.")


def _text(longest: int, **options: Any) -> fields.String:
    metadata = {"pattern": r"\S", **options.pop("metadata", {})}
    return fields.String(validate=[Length(1, longest), not_blank], metadata=metadata, **options)


def _priority(**options: Any) -> fields.Enum[Priority]:
    return fields.Enum(Priority, by_value=fields.String(), **options)


def _status(**options: Any) -> fields.Enum[Status]:
    return fields.Enum(Status, by_value=fields.String(), **options)


class NewTicket(Schema):
    """A ticket to store."""

    title = _text(LONGEST_TITLE, required=True)
    description = _text(LONGEST_DESCRIPTION, required=True)
    user_name = _text(LONGEST_NAME, required=True)
    user_email = Email(required=True)
    priority = _priority(load_default=None, metadata={"description": "Without it, machines may choose one."})
    metadata = fields.Dict(keys=fields.String(), load_default=None, validate=small_object)


class NewCustomerTicket(Schema):
    """A ticket in a customer's words; the same again is the same ticket while that one is open."""

    subject = _text(LONGEST_TITLE, required=True)
    body = _text(LONGEST_DESCRIPTION, required=True)
    customer_id = _text(LONGEST_CUSTOMER_ID, required=True)


class _Versioned(Schema):
    version = fields.Integer(
        strict=True,
        validate=Range(1, LARGEST_VERSION),
        metadata={"description": "The version to change; 409 where the ticket has another by now."},
    )


class TicketEdit(_Versioned):
    """What to change; at least one field. Department and team are wishes that routing-service carries out."""

    title = _text(LONGEST_TITLE)
    description = _text(LONGEST_DESCRIPTION)
    priority = _priority()
    status = _status()
    department = _text(LONGEST_DEPARTMENT)
    team = _text(
        LONGEST_TEAM, allow_none=True, metadata={"description": "The team's name; null: no team is to have the ticket."}
    )

    @validates_schema
    def changes_something(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse an edit without a field to change."""
        if not data.keys() - {"version"}:
            raise ValidationError("Give at least one of title, description, priority, status, department, team.")


class StatusChange(_Versioned):
    """The status to move to."""

    status = _status(required=True)


class StatusQuery(PageQuery):
    """A page of one department's tickets."""

    status = Several(_status(), metadata={"description": "Several may be given."})


class TicketsQuery(StatusQuery):
    """A page of tickets. A filter may be given several times; a ticket must match one value of every filter."""

    department = Several(fields.String(validate=Length(1, LONGEST_DEPARTMENT)))
    team = Several(fields.String(validate=Length(1, LONGEST_TEAM)), metadata={"description": "A team's name."})
    team_id = Several(fields.Integer(validate=Range(1, LARGEST_ID)))
    priority = Several(_priority())
    customer_id = Several(fields.String(validate=Length(1, LONGEST_CUSTOMER_ID)))
    customer = Several(
        fields.String(validate=Length(1, LONGEST_CUSTOMER_ID)), metadata={"description": "The same as `customer_id`."}
    )
    requester = Several(
        fields.String(validate=Length(1, LONGEST_EMAIL)),
        metadata={"description": "The e-mail address or the `customer_id` of the person who asked."},
    )
    need_admin = fields.Boolean(load_default=None, truthy={"true", "True", "1"}, falsy={"false", "False", "0"})
    sort = fields.String(load_default="created", validate=OneOf(["created"]), metadata={"description": "Newest first."})
    q = fields.String(
        load_default="",
        validate=Length(0, LONGEST_SEARCH),
        metadata={
            "description": "Words that must all occur in title or description, whatever their case, accents and "
            "width; the first ten count. The newest 10,000 tickets are searched. A number, as "
            "`42` or `#42`, finds that ticket first, whatever its age."
        },
    )
