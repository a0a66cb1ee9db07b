"""Schemas of request bodies and queries."""

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Length, OneOf, Range
from service_kit.http.email import MAX_EMAIL_CHARACTERS, Email
from service_kit.http.pages import PageQuery
from service_kit.http.text import not_blank

from ticket_service.api.multi_value import MultiValue
from ticket_service.api.visibility import own_tickets_of
from ticket_service.domain.enums import Priority, Status

MAX_TITLE_CHARACTERS = 500
MAX_DESCRIPTION_CHARACTERS = 100_000
MAX_NAME_CHARACTERS = 200
MAX_CUSTOMER_ID_CHARACTERS = 100
MAX_DEPARTMENT_CHARACTERS = 100
MAX_TEAM_CHARACTERS = 100
MAX_SEARCH_CHARACTERS = 200
MAX_ID = 2**63 - 1
MAX_VERSION = 2**31 - 1
MAX_METADATA_BYTES = 16 * 1024
MAX_METADATA_DEPTH = 8


def small_object(value: Mapping[str, Any]) -> None:
    """Raise ValidationError for an object that is too large, too deeply nested or holds numbers that JSON lacks."""
    try:
        size = len(orjson.dumps(value))
    except TypeError:
        raise ValidationError("Not a JSON object that can be stored.") from None
    if size > MAX_METADATA_BYTES:
        raise ValidationError(f"Larger than {MAX_METADATA_BYTES} bytes.")
    level: list[Any] = [value]
    for _ in range(MAX_METADATA_DEPTH):
        inner = [item for outer in level for item in (outer.values() if isinstance(outer, Mapping) else outer)]
        if any(item in (float("inf"), float("-inf")) for item in inner if isinstance(item, float)):
            raise ValidationError("Holds a number that is too large.")
        level = [item for item in inner if isinstance(item, Mapping | list)]
        if not level:
            return
    raise ValidationError(f"Nested deeper than {MAX_METADATA_DEPTH} levels.")


def _text(longest: int, **options: Any) -> fields.String:
    metadata = {"pattern": r"\S", **options.pop("metadata", {})}
    return fields.String(validate=[Length(1, longest), not_blank], metadata=metadata, **options)


def _priority(**options: Any) -> fields.Enum[Priority]:
    return fields.Enum(Priority, by_value=fields.String(), **options)


def _status(**options: Any) -> fields.Enum[Status]:
    return fields.Enum(Status, by_value=fields.String(), **options)


class _New(Schema):
    OWN_FIELDS: ClassVar[tuple[str, ...]]
    """The fields that only requesters may leave out: for them they are known."""

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def names_the_requester(self, _data: Mapping[str, Any], original: Mapping[str, Any], **_: Any) -> None:
        """Refuse a body without these fields, unless the caller is a requester."""
        missing = [name for name in self.OWN_FIELDS if name not in original]
        if missing and own_tickets_of() is None:
            raise ValidationError({name: ["Missing data for required field."] for name in missing})


class NewTicket(_New):
    """A ticket to store. Only a requester may leave out `user_name` and `user_email`."""

    OWN_FIELDS = ("user_name", "user_email")

    title = _text(MAX_TITLE_CHARACTERS, required=True)
    description = _text(MAX_DESCRIPTION_CHARACTERS, required=True)
    user_name = _text(MAX_NAME_CHARACTERS, metadata={"description": "By default the calling requester's."})
    user_email = Email()
    priority = _priority(load_default=None, metadata={"description": "Without it, a model may choose one."})
    metadata = fields.Dict(keys=fields.String(), load_default=None, validate=small_object)


class NewCustomerTicket(_New):
    """A customer's ticket; an equal one returns the open ticket. Only a requester may leave out `customer_id`."""

    OWN_FIELDS = ("customer_id",)

    subject = _text(MAX_TITLE_CHARACTERS, required=True)
    body = _text(MAX_DESCRIPTION_CHARACTERS, required=True)
    customer_id = _text(MAX_CUSTOMER_ID_CHARACTERS, metadata={"description": "By default the calling requester."})


class _Versioned(Schema):
    version = fields.Integer(
        strict=True,
        validate=Range(1, MAX_VERSION),
        metadata={"description": "The expected version; 409 where the ticket has another one."},
    )


class TicketEdit(_Versioned):
    """The fields to change, at least one. Department and team are requests that routing-service decides on."""

    title = _text(MAX_TITLE_CHARACTERS)
    description = _text(MAX_DESCRIPTION_CHARACTERS)
    priority = _priority()
    status = _status()
    department = _text(MAX_DEPARTMENT_CHARACTERS)
    team = _text(MAX_TEAM_CHARACTERS, allow_none=True, metadata={"description": "The team's name; null for no team."})

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

    status = MultiValue(_status(), metadata={"description": "Several may be given."})


class TicketsQuery(StatusQuery):
    """A page of tickets. A filter may be given several times; a ticket must match one value of every filter."""

    department = MultiValue(fields.String(validate=Length(1, MAX_DEPARTMENT_CHARACTERS)))
    team = MultiValue(
        fields.String(validate=Length(1, MAX_TEAM_CHARACTERS)), metadata={"description": "A team's name."}
    )
    team_id = MultiValue(fields.Integer(validate=Range(1, MAX_ID)))
    priority = MultiValue(_priority())
    customer_id = MultiValue(fields.String(validate=Length(1, MAX_CUSTOMER_ID_CHARACTERS)))
    customer = MultiValue(
        fields.String(validate=Length(1, MAX_CUSTOMER_ID_CHARACTERS)),
        metadata={"description": "The same as `customer_id`."},
    )
    requester = MultiValue(
        fields.String(validate=Length(1, MAX_EMAIL_CHARACTERS)),
        metadata={"description": "The requester's e-mail address or `customer_id`."},
    )
    need_admin = fields.Boolean(load_default=None, truthy={"true", "True", "1"}, falsy={"false", "False", "0"})
    sort = fields.String(load_default="created", validate=OneOf(["created"]), metadata={"description": "Newest first."})
    q = fields.String(
        load_default="",
        validate=Length(0, MAX_SEARCH_CHARACTERS),
        metadata={
            "description": "Words that must all occur in title or description, whatever their case, accents and "
            "width; the first ten count. The newest 10,000 tickets are searched. A number, as "
            "`42` or `#42`, finds that ticket first, whatever its age."
        },
    )
