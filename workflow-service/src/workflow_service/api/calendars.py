"""`/api/calendars`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, post_load, pre_load
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.http.text import Name, not_blank
from service_kit.identity import ADMIN, AGENT, MANAGER

from workflow_service.api.fields import Flag
from workflow_service.domain.calendar_document import WEEKDAYS, BadCalendar, read_calendar
from workflow_service.domain.calendars import StoredCalendar
from workflow_service.store import calendars as store
from workflow_service.usecases import change_calendars

calendars = Blueprint("calendars", __name__, description="Calendars: the open times by which targets count.")

EXAMPLE = {
    "name": "Office hours",
    "time_zone": "Europe/Berlin",
    "weekly": {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in WEEKDAYS[:5]},
    "exceptions": [
        {"date": "2026-12-24", "shifts": [["08:00", "12:00"]], "name": "Christmas Eve"},
        {"date": "2026-12-25", "closed": True, "name": "Christmas Day"},
    ],
}


def _shifts(**options: Any) -> fields.List[Any]:
    metadata = {"description": 'Starts and ends, such as [["22:00", "30:00"]] for a night until 06:00.'}
    return fields.List(fields.List(fields.String()), metadata=metadata, **options)


class ExceptionSchema(Schema):
    """A date with open times of its own, or none at all."""

    date = fields.String(required=True, metadata={"description": "Such as 2026-12-25."})
    closed = Flag()
    shifts = _shifts()
    name = Name()


class CalendarBody(Schema):
    """A calendar. Its shifts are half-open; an end above 24:00 lies on the next date."""

    name = Name(required=True, validate=not_blank)
    time_zone = fields.String(required=True, metadata={"description": "A place's name in the IANA database, or UTC."})
    weekly = fields.Dict(keys=fields.String(), values=_shifts(), required=True)
    exceptions = fields.List(fields.Nested(ExceptionSchema))

    @pre_load
    def check(self, body: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Refuse a calendar with all its faults at once."""
        try:
            read_calendar(body, datetime.now(UTC))
        except BadCalendar as refused:
            messages: dict[str, list[str]] = {}
            for error in refused.errors:
                messages.setdefault(error["field"], []).append(error["message"])
            raise ValidationError(dict(messages)) from refused
        return body

    @post_load
    def complete(self, body: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Return the calendar with its exceptions, in the order of their dates."""
        exceptions = sorted(body.get("exceptions", []), key=lambda exception: str(exception["date"]))
        return {**body, "exceptions": [dict(exception) for exception in exceptions]}


class CalendarView(CalendarBody):
    """A calendar with its newest version."""

    id = fields.Integer(required=True)
    version = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class CalendarPage(PageView):
    """A page of a company's calendars, the oldest first."""

    items = fields.List(fields.Nested(CalendarView), required=True)


@calendars.get("/api/calendars")
@allowed(AGENT, MANAGER, ADMIN)
@calendars.arguments(PageQuery, location="query")
@calendars.response(200, CalendarPage)
def list_calendars(query: dict[str, Any]) -> Response:
    """List the company's calendars, the oldest first."""
    after, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = store.page(g.session, g.caller.company_id, after=after[0] if after else 0, limit=limit + 1)
    body, headers = page(rows, limit, lambda row: (row.id,), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@calendars.post("/api/calendars")
@allowed(MANAGER, ADMIN)
@calendars.arguments(CalendarBody, example=EXAMPLE)
@calendars.response(201, CalendarView)
def add_calendar(body: dict[str, Any]) -> Response:
    """Add a calendar."""
    return _added(
        change_calendars.add_calendar(
            g.session, g.caller.company_id, body, idempotency_key=read_idempotency_key(_added)
        )
    )


@calendars.get("/api/calendars/<int:calendar_id>")
@allowed(AGENT, MANAGER, ADMIN)
@calendars.response(200, CalendarView)
def get_calendar(calendar_id: int) -> Response:
    """Show a calendar with its newest version."""
    return _answer(change_calendars.get_calendar(g.session, g.caller.company_id, calendar_id))


@calendars.put("/api/calendars/<int:calendar_id>")
@allowed(MANAGER, ADMIN)
@conditional
@calendars.arguments(CalendarBody, example=EXAMPLE)
@calendars.response(200, CalendarView)
def change_calendar(body: dict[str, Any], calendar_id: int) -> Response:
    """Store the next version of a calendar; running tasks keep theirs."""
    return _answer(
        change_calendars.change_calendar(
            g.session, g.caller.company_id, calendar_id, body, precondition=_precondition()
        )
    )


@calendars.delete("/api/calendars/<int:calendar_id>")
@allowed(MANAGER, ADMIN)
@conditional
@calendars.response(204)
def delete_calendar(calendar_id: int) -> Response:
    """Delete a calendar that no workflow counts by."""
    change_calendars.delete_calendar(g.session, g.caller.company_id, calendar_id, precondition=_precondition())
    return Response(status=204)


def _precondition() -> Precondition[StoredCalendar]:
    return read_precondition(lambda calendar: etag(calendar.version))


def _added(calendar: StoredCalendar) -> Response:
    return _answer(calendar, 201, {"Location": f"/api/calendars/{calendar.id}"})


def _answer(calendar: StoredCalendar, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    return json_response(_view(calendar), status, {"ETag": etag(calendar.version), **headers})


def _view(calendar: StoredCalendar) -> Mapping[str, Any]:
    times = {"created_at": calendar.created_at, "updated_at": calendar.updated_at}
    return {"id": calendar.id, **calendar.document, "version": calendar.version, **times}
