"""`/api/audit` of one service, for a company's admins, and the actor of each request that changes something."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

import marshmallow
from flask import Response, current_app, g, request
from marshmallow import fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.context import client_address
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import READING, allowed
from service_kit.http.state import app_state
from service_kit.identity import ADMIN
from service_kit.identity.api_keys import ID_CHARACTERS
from service_kit.identity.caller import anonymous
from sqlalchemy import Row

from company_kit import actor
from company_kit import audit as records

REFILL = "dead-letters.refill"
_CHANGES = "changes_records"
View = TypeVar("View", bound=Callable[..., Any])
KEY_ID = rf"^[0-9A-Za-z]{{{ID_CHARACTERS}}}\Z"
NO_MOMENT = "A date such as 2026-11-20, or a time such as 2026-11-20T10:30:00Z."

audit = Blueprint("audit", __name__, description="Who did what to which record, from where.")


class Moment(fields.Field[datetime]):
    """A time, or a date: the beginning of that day, or the end of it with `ends`; in UTC without a zone."""

    def __init__(self, *, ends: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._ends = ends

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            if len(value) == len("2026-11-20"):
                day = date.fromisoformat(value)
                # The last day has no day after it.
                if self._ends and day == date.max:
                    return datetime.max.replace(tzinfo=UTC)
                return datetime.combine(day, time(), UTC) + timedelta(days=int(self._ends))
            moment = datetime.fromisoformat(value)
        except (ValueError, TypeError) as error:
            raise marshmallow.ValidationError(NO_MOMENT) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class AuditQuery(PageQuery):
    """Filters of the list."""

    ticket_id = fields.Integer(
        load_default=None, validate=validate.Range(1, 2**63 - 1), metadata={"description": "What concerns this ticket."}
    )
    task_id = fields.Integer(
        load_default=None, validate=validate.Range(1, 2**63 - 1), metadata={"description": "What concerns this task."}
    )
    user_id = fields.Integer(
        load_default=None, validate=validate.Range(1, 2**63 - 1), metadata={"description": "The user who did it."}
    )
    api_key_id = fields.String(
        load_default=None,
        validate=validate.Regexp(KEY_ID, error="The eight characters of a key's id, not the key."),
        metadata={"description": "The API key that did it, by the `id` of `GET /api/api-keys`."},
    )
    action = fields.String(
        load_default=None, validate=validate.Length(1, 100), metadata={"description": "Such as `ticket.updated`."}
    )
    record = fields.String(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "What it was done to: a kind such as `user`, or a record such as `user:7`."},
    )
    start_date = Moment(load_default=None, metadata={"description": "A date or a time; it belongs to the range."})
    end_date = Moment(
        load_default=None,
        ends=True,
        metadata={"description": "A date, which belongs to the range, or a time, which doesn't."},
    )


class ActorView(marshmallow.Schema):
    """The actor."""

    kind = fields.String(required=True, validate=validate.OneOf(["user", "api_key", "service", "system", "anonymous"]))
    id = fields.String(required=True, metadata={"description": "Such as `user:7`."})
    name = fields.String(required=True)
    api_key_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The id of the API key by which a program acted; the key is never shown."},
    )
    api_key_name = fields.String(
        required=True, allow_none=True, metadata={"description": "The key's name when it acted."}
    )


class ChangeView(marshmallow.Schema):
    """A field with its values before and after. A text shows as its length, a secret as `set`."""

    field = fields.String(required=True)
    old = fields.Raw(required=True, allow_none=True)
    new = fields.Raw(required=True, allow_none=True)


class AuditRecord(marshmallow.Schema):
    """A change that somebody made to one record."""

    service = fields.String(required=True)
    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.Nested(ActorView, required=True)
    action = fields.String(required=True)
    record = fields.String(required=True, metadata={"description": "Kind and id, such as `ticket:42`."})
    ticket_id = fields.Integer(required=True, allow_none=True)
    task_id = fields.Integer(required=True, allow_none=True)
    changes = fields.List(fields.Nested(ChangeView), required=True)
    ip = fields.String(required=True, metadata={"description": "The client's address; empty where it is unknown."})
    request_id = fields.String(required=True)


class AuditPage(PageView):
    """A page of records, the newest first."""

    items = fields.List(fields.Nested(AuditRecord), required=True)


@audit.get("/api/audit")
@allowed(ADMIN)
@audit.arguments(AuditQuery, location="query")
@audit.response(200, AuditPage)
def list_audit(query: dict[str, Any]) -> Response:
    """List who did what to which record of the company, the newest first."""
    before = decode_cursor(query["cursor"], (datetime, int))
    found = records.page(g.session, g.caller.company_id, _filter(query), before=before, limit=query["limit"] + 1)
    body, headers = page(found, query["limit"], lambda row: (row.at, row.id), "items", [_view(row) for row in found])
    return json_response(body, headers=headers)


def changes_records(view: View) -> View:
    """Declare that a GET changes records, such as the way back from a sign-in, so that they are audited."""
    view.__dict__[_CHANGES] = True
    return view


@audit.before_app_request
def name_actor() -> None:
    """Name the caller as the actor of what this request changes; the kit has verified who it is."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in READING and (view is None or _CHANGES not in view.__dict__):
        return
    caller = g.get("caller") or anonymous("")
    actor.act_as(
        actor.kind_of(caller),
        caller.subject,
        name=caller.name,
        key=caller.api_key,
        key_name=caller.api_key_name,
        ip=client_address(),
        request_id=g.cause.request_id,
    )


@audit.after_app_request
def record_refill(response: Response) -> Response:
    """Record a refill, which changes no row: the bus was asked for it."""
    if request.endpoint == REFILL and response.status_code == 202:
        queue = (request.view_args or {})["queue"]
        with g.session.begin():
            records.add(g.session, g.caller.company_id, "queue.refilled", record="queue", record_id=queue)
    return response


@audit.teardown_app_request
def forget_actor(_error: BaseException | None = None) -> None:
    """End the request's actor: the thread serves others next."""
    actor.act_for_nobody()


def _filter(query: dict[str, Any]) -> records.Filter:
    user, (record, _, record_id) = query["user_id"], (query["record"] or "").partition(":")
    return records.Filter(
        ticket_id=query["ticket_id"],
        task_id=query["task_id"],
        actor=None if user is None else f"user:{user}",
        key_id=query["api_key_id"],
        action=query["action"],
        record=record or None,
        record_id=record_id or None,
        **{name: query[key] for name, key in (("start", "start_date"), ("stop", "end_date")) if query[key]},
    )


def _view(row: Row[Any]) -> dict[str, Any]:
    return {
        "service": app_state().settings.service,
        "id": row.id,
        "at": row.at,
        "actor": {
            "kind": row.actor_kind,
            "id": row.actor,
            "name": row.actor_name,
            "api_key_id": row.key_id or None,
            "api_key_name": row.key_name if row.key_id else None,
        },
        "action": row.action,
        "record": f"{row.record}:{row.record_id}",
        "ticket_id": row.ticket_id,
        "task_id": row.task_id,
        "changes": row.changes,
        "ip": row.ip,
        "request_id": row.request_id,
    }
