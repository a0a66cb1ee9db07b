"""Schemas of the requests that start jobs."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from marshmallow.validate import Length, Range
from service_kit.http.pages import PageQuery
from service_kit.http.precondition import accepted_tags

from ticket_service.api.multi_value import MultiValue
from ticket_service.api.schemas import MAX_ID, NewTicket, TicketChange, TicketFilter
from ticket_service.domain.jobs import ItemStatus

MAX_IF_MATCH = 1_000


class Unchecked(fields.Nested):
    """Documents the schema of an object that is loaded as it was sent: one bad item must not refuse the others."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, partial: Any = None, **_: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError("Must be a JSON object.")
        return value


class NewTickets(Schema):
    """Tickets to create. Each is validated by itself; its result says what is wrong with it."""

    tickets = fields.List(Unchecked(NewTicket), required=True, validate=Length(min=1))


class IfMatch(fields.String):
    """The ETag of a ticket, as in the header `If-Match`; loads the tags that it accepts, None for any."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = str(super()._deserialize(value, attr, data, **options))
        if len(text) > MAX_IF_MATCH:
            raise ValidationError(f"Longer than {MAX_IF_MATCH} characters.")
        try:
            return accepted_tags(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class TicketToChange(Schema):
    """A ticket to change. With `if_match` only where nobody has changed it since; else its result is a 412."""

    id = fields.Integer(strict=True, required=True, validate=Range(1, MAX_ID))
    if_match = IfMatch(
        allow_none=False,  # a client that lost the tag must not change the ticket whatever came before
        metadata={"example": '"3"', "maxLength": MAX_IF_MATCH, "description": "The ticket's ETag."},
    )


class BulkChange(Schema):
    """A change of many tickets: of those in `ids` or `items`, or of those that match `filter` now."""

    items = fields.List(fields.Nested(TicketToChange), validate=Length(min=1))
    ids = fields.List(fields.Integer(strict=True, validate=Range(1, MAX_ID)), validate=Length(min=1))
    filter = fields.Nested(TicketFilter)
    change = fields.Nested(TicketChange, required=True)

    @validates_schema
    def names_the_tickets(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a body without exactly one of `ids`, `items` and `filter`, and an item that comes twice."""
        if len({"ids", "items", "filter"} & data.keys()) != 1:
            raise ValidationError({"ids": ["Give either ids, items or filter."]})
        seen: set[int] = set()
        for index, item in enumerate(data.get("items", ())):
            if item["id"] in seen:
                raise ValidationError({"items": {index: {"id": ["This ticket is in the list already."]}}})
            seen.add(item["id"])


class ItemsQuery(PageQuery):
    """A page of a job's items."""

    status = MultiValue(
        fields.Enum(ItemStatus, by_value=fields.String()), metadata={"description": "Several may be given."}
    )
