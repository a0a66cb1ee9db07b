"""API of the dead letters and the parked events that wait for a retry, for a company's admins."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import marshmallow
from eventbus.bus.port import BusDown
from eventbus.retry import dead_letters as store
from eventbus.worker import build_bus
from flask import Response, g
from marshmallow import fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, digest_tag, read_precondition
from service_kit.http.problems import Forbidden, NotFound, Unavailable
from service_kit.http.reservation import reserve
from service_kit.http.state import app_state
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN
from sqlalchemy import Row
from sqlalchemy.orm import Session

dead_letters = Blueprint("dead-letters", __name__, description="Events that could not be handled.")


class DeadLetterQuery(PageQuery):
    """Filters of the list."""

    queue = fields.String(load_default=None, validate=validate.Length(max=255))
    state = fields.String(load_default=None, validate=validate.OneOf(["waiting", "dead"]))


class DeadLetter(marshmallow.Schema):
    """A parked or dead event."""

    service = fields.String(required=True)
    id = fields.Integer(required=True)
    queue = fields.String(required=True)
    event_id = fields.String(required=True)
    type = fields.String(required=True)
    subject = fields.String(required=True)
    state = fields.String(required=True)
    attempts = fields.Integer(required=True)
    reason = fields.String(required=True)
    first_failed_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    next_attempt_at = fields.AwareDateTime(required=True, allow_none=True)


class WholeDeadLetter(DeadLetter):
    """A dead letter with its headers and body."""

    headers = fields.Dict(required=True)
    body = fields.String(required=True)


class DeadLetterPage(PageView):
    """A page of dead letters, newest first."""

    items = fields.List(fields.Nested(DeadLetter), required=True)


class Discard(marshmallow.Schema):
    """The reason for discarding a dead letter."""

    reason = fields.String(required=True, validate=[validate.Length(1, 500), not_blank])


class Done(marshmallow.Schema):
    """The result of an action."""

    status = fields.String(required=True)


@dead_letters.get("/api/dead-letters")
@allowed(ADMIN)
@dead_letters.arguments(DeadLetterQuery, location="query")
@dead_letters.response(200, DeadLetterPage)
def list_dead_letters(query: dict[str, Any]) -> Response:
    """List parked and dead events, newest first."""
    cursor = decode_cursor(query["cursor"], [int])
    before = cursor[0] if cursor else store.MAX_ID
    rows = store.list_dead_letters(
        g.session, queue=query["queue"], state=query["state"], before=before, limit=query["limit"] + 1
    )
    body, headers = page(rows, query["limit"], lambda row: (row.id,), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@dead_letters.get("/api/dead-letters/<int:parked_id>")
@allowed(ADMIN)
@dead_letters.response(200, WholeDeadLetter)
def show_dead_letter(parked_id: int) -> Response:
    """Show a dead letter with its headers and body."""
    return json_response(_whole_view(_found(parked_id)))


@dead_letters.post("/api/dead-letters/<int:parked_id>/replay")
@allowed(ADMIN)
@conditional
@dead_letters.response(202, Done)
def replay_dead_letter(parked_id: int) -> Response:
    """Retry a dead letter now."""
    replay = partial(store.replay, actor=g.caller.subject)
    return _act(parked_id, replay, lambda _id: json_response({"status": "waiting"}, 202))


@dead_letters.post("/api/dead-letters/<int:parked_id>/discard")
@allowed(ADMIN)
@conditional
@dead_letters.arguments(Discard, example={"reason": "Sent by mistake"})
@dead_letters.response(200, Done)
def discard_dead_letter(body: dict[str, str], parked_id: int) -> Response:
    """Discard a dead letter; the audit log keeps the actor and the reason."""
    discard = partial(store.discard, actor=g.caller.subject, reason=body["reason"])
    return _act(parked_id, discard, lambda _id: json_response({"status": "discarded"}))


@dead_letters.post("/api/refill/<queue>")
@allowed(ADMIN)
@dead_letters.response(202, Done)
def refill(queue: str) -> Response:
    """Request the events of the last seven days for a queue from every service; the inbox drops duplicates.

    They are those of all companies, so only an admin of the operator's company may request them.
    """
    settings, database = app_state().settings, app_state().database
    if g.caller.company_id != settings.operator_company_id:
        raise Forbidden("Only admins of the operator's company may do this: it concerns all companies.")
    assert database is not None
    if queue not in {declared.name for declared in database.info["contracts"].queues(settings.service)}:
        raise NotFound("This service has no such queue.", code="queue_not_found")
    idempotency_key, requested = reserve(), json_response({"status": "requested"}, 202)
    try:
        with closing(build_bus(settings)) as bus:
            bus.request_refill(queue)
    except BaseException as error:
        idempotency_key.release()
        if isinstance(error, BusDown):
            raise Unavailable("The bus can't be reached.") from error
        raise
    with g.session.begin():
        idempotency_key.store(g.session, requested)
    return requested


def _act(parked_id: int, act: Callable[[Session, int], bool], answer: Callable[[int], Response]) -> Response:
    """Run an action once per idempotency key and return its answer. Raises NotFound."""
    idempotency_key = read_idempotency_key(answer)
    precondition: Precondition[Row[Any]] = read_precondition(lambda row: digest_tag(_whole_view(row)))
    with g.session.begin():
        idempotency_key.claim(g.session)
        precondition.check(_found(parked_id, lock=True))
        act(g.session, parked_id)
        idempotency_key.store(g.session, parked_id)
    return answer(parked_id)


def _found(parked_id: int, *, lock: bool = False) -> Row[Any]:
    row = store.show(g.session, parked_id, lock=lock)
    if row is None:
        raise NotFound("There is no such dead letter.", code="dead_letter_not_found")
    return row


def _whole_view(row: Row[Any]) -> dict[str, Any]:
    return {**_view(row), "headers": row.message_headers, "body": bytes(row.body).decode(errors="replace")}


def _view(row: Row[Any]) -> dict[str, Any]:
    names = [name for name in DeadLetter().fields if name != "service"]
    return {"service": app_state().settings.service, **{name: getattr(row, name) for name in names}}
