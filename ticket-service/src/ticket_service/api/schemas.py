"""Schemas of request bodies and queries."""

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Length, OneOf, Range
from service_kit.http.email import MAX_EMAIL_CHARACTERS, Email
from service_kit.http.pages import PageQuery
from service_kit.http.text import Name, not_blank

from ticket_service.api.fields import Condition
from ticket_service.api.multi_value import MultiValue
from ticket_service.api.visibility import own_tickets_of
from ticket_service.domain.enums import Priority, Status

MAX_TITLE_CHARACTERS = 500
MAX_DESCRIPTION_CHARACTERS = 100_000
MAX_NAME_CHARACTERS = 200
MAX_CUSTOMER_ID_CHARACTERS = 100
MAX_DEPARTMENT_CHARACTERS = 100
MAX_TEAM_CHARACTERS = 100
MAX_CATEGORY_CHARACTERS = 100
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


def _category(**options: Any) -> fields.String:
    return _text(MAX_CATEGORY_CHARACTERS, **options)


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
    """A ticket to store. For a requester `user_name` and `user_email` are the caller's own, whatever is sent."""

    OWN_FIELDS = ("user_name", "user_email")

    title = _text(MAX_TITLE_CHARACTERS, required=True)
    description = _text(MAX_DESCRIPTION_CHARACTERS, required=True)
    user_name = Name(
        validate=[Length(1, MAX_NAME_CHARACTERS), not_blank],
        metadata={"pattern": r"\S", "description": "A requester's own replaces it."},
    )
    user_email = Email()
    priority = _priority(load_default=None, metadata={"description": "Without it, a model may choose one."})
    category = _category(load_default=None, metadata={"description": "Without it, a model chooses one."})
    sub_category = _category(load_default=None)
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


class TicketChange(Schema):
    """The fields to change, at least one. Department and team are requests that routing-service decides on."""

    priority = _priority()
    status = _status()
    department = Name(validate=[Length(1, MAX_DEPARTMENT_CHARACTERS), not_blank], metadata={"pattern": r"\S"})
    team = _text(MAX_TEAM_CHARACTERS, allow_none=True, metadata={"description": "The team's name; null for no team."})
    category = _category(metadata={"description": "Predictions don't change it any more."})
    sub_category = _category()

    @validates_schema
    def changes_something(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse an edit without a field to change."""
        if not data.keys() - {"version"}:
            names = [name for name in self.fields if name != "version"]
            raise ValidationError(f"Give at least one of {', '.join(names)}.")


class TicketEdit(TicketChange, _Versioned):
    """The fields to change, at least one. Department and team are requests that routing-service decides on."""

    title = _text(MAX_TITLE_CHARACTERS)
    description = _text(MAX_DESCRIPTION_CHARACTERS)


class StatusChange(_Versioned):
    """The status to move to."""

    status = _status(required=True)


class _StatusFilter(Schema):
    status = MultiValue(_status(), metadata={"description": "Several may be given."})


class StatusQuery(PageQuery, _StatusFilter):
    """A page of one department's tickets."""


class TicketFilter(_StatusFilter):
    """The filters of a list: a ticket must match one value of every filter."""

    department = MultiValue(
        Name(validate=Length(1, MAX_DEPARTMENT_CHARACTERS)), metadata={"description": "A department's name."}
    )
    team = MultiValue(
        fields.String(validate=Length(1, MAX_TEAM_CHARACTERS)), metadata={"description": "A team's name."}
    )
    team_id = MultiValue(fields.Integer(validate=Range(1, MAX_ID)), metadata={"description": "A team's id."})
    priority = MultiValue(_priority(), metadata={"description": "Several may be given."})
    assignee = MultiValue(
        fields.String(validate=Length(1, MAX_EMAIL_CHARACTERS)),
        metadata={"description": "The e-mail address of the person who works on the ticket."},
    )
    customer_id = MultiValue(
        fields.String(validate=Length(1, MAX_CUSTOMER_ID_CHARACTERS)), metadata={"description": "The requester."}
    )
    customer = MultiValue(
        fields.String(validate=Length(1, MAX_CUSTOMER_ID_CHARACTERS)),
        metadata={"description": "The same as `customer_id`."},
    )
    requester = MultiValue(
        fields.String(validate=Length(1, MAX_EMAIL_CHARACTERS)),
        metadata={"description": "The requester's e-mail address or `customer_id`."},
    )
    need_admin = Condition(load_default=None, metadata={"description": "Whether a person must route the ticket."})
    unread = Condition(
        load_default=None,
        metadata={"description": "Whether somebody else has changed the ticket since the caller marked it as read."},
    )
    q = fields.String(
        load_default="",
        validate=Length(0, MAX_SEARCH_CHARACTERS),
        metadata={
            "description": "Words that must all occur in title or description, whatever their case, accents and "
            "width; the first ten count. The newest 10,000 tickets are searched. A number, as "
            "`42` or `#42`, finds that ticket first, whatever its age; `TX20261120000042` and an external id find "
            "theirs, too."
        },
    )


class TicketsQuery(PageQuery, TicketFilter):
    """A page of tickets. A filter may be given several times; a ticket must match one value of every filter."""

    sort = fields.String(
        load_default="created",
        validate=OneOf(["created", "due"]),
        metadata={
            "description": "`created`: newest first. `due`: the earliest end of an SLA clock first, tickets without "
            "one last."
        },
    )
