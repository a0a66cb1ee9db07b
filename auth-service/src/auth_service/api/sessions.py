"""`/api/sessions`: where a person is signed in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, digest_tag, read_precondition
from service_kit.http.problems import Forbidden
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, Caller

from auth_service.domain.session import UserSession
from auth_service.domain.user import user_id_of
from auth_service.store import sessions as store
from auth_service.usecases import list_sessions

sessions = Blueprint("sessions", __name__, description="Where people are signed in.")


class SessionQuery(PageQuery):
    """Whose sessions to list: the caller's own without `user_id`; another user's for admins."""

    user_id = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**63 - 1),
        metadata={"description": "Whose sessions; others' for admins only."},
    )


class SessionView(Schema):
    """A session that has not ended."""

    id = fields.String(required=True)
    user_id = fields.Integer(required=True)
    device = fields.String(required=True)
    address = fields.String(required=True)
    current = fields.Boolean(required=True, metadata={"description": "Whether this request belongs to it."})
    created_at = fields.DateTime(required=True)
    last_used_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)


class SessionPage(PageView):
    """A page of sessions, the newest first."""

    items = fields.List(fields.Nested(SessionView), required=True)


@sessions.get("/api/sessions")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@sessions.arguments(SessionQuery, location="query")
@sessions.response(200, SessionPage)
def list_own_sessions(query: dict[str, Any]) -> Response:
    """List where the caller is signed in, the newest first; with `user_id`, where another user of the company is."""
    after = decode_cursor(query["cursor"], (datetime, UUID))
    user_id = _whose(query["user_id"])
    rows: list[UserSession] = []
    if user_id is not None:
        rows = store.page(g.session, g.caller.company_id, user_id, after=_pair(after), limit=query["limit"] + 1)
    body, headers = page(
        rows, query["limit"], lambda row: (row.created_at, row.id), "items", [_view(row) for row in rows]
    )
    return json_response(body, headers=headers)


@sessions.get("/api/sessions/<uuid:session_id>")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@sessions.response(200, SessionView)
def get_session(session_id: UUID) -> Response:
    """Show a session of the caller; admins see those of the company."""
    return json_response(_view(list_sessions.get_session(g.session, g.caller.company_id, session_id, of=_owner())))


@sessions.delete("/api/sessions/<uuid:session_id>")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@conditional
@sessions.response(204)
def end_session(session_id: UUID) -> Response:
    """End a session of the caller; admins end those of the company."""
    precondition: Precondition[UserSession] = read_precondition(lambda session: digest_tag(_view(session)))
    list_sessions.end_one(g.session, g.caller.company_id, session_id, of=_owner(), precondition=precondition)
    return Response(status=204)


@sessions.delete("/api/sessions")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@sessions.response(204)
def end_other_sessions() -> Response:
    """End all sessions of the caller but the one of this request."""
    caller: Caller = g.caller
    user_id = user_id_of(caller.subject)
    current = UUID(caller.session) if caller.session else None
    if user_id is not None:
        list_sessions.end_others(g.session, caller.company_id, user_id, except_id=current)
    return Response(status=204)


def _whose(wanted: int | None) -> int | None:
    own = user_id_of(g.caller.subject)
    if wanted is None or wanted == own:
        return own
    if g.caller.role != ADMIN:
        raise Forbidden("Only admins see where others are signed in.")
    return wanted


def _owner() -> int | None:
    """Return the user whose sessions the caller may see and end; None for all of the company."""
    if g.caller.role == ADMIN:
        return None
    # A caller that is no user owns no session; no user has the id 0.
    return user_id_of(g.caller.subject) or 0


def _pair(after: tuple[Any, ...] | None) -> tuple[datetime, UUID] | None:
    return None if after is None else (after[0], after[1])


def _view(session: UserSession) -> dict[str, Any]:
    return {
        "id": session.id,
        "user_id": session.user_id,
        "device": session.device,
        "address": session.address,
        "current": str(session.id) == g.caller.session,
        "created_at": session.created_at,
        "last_used_at": session.last_used_at,
        "expires_at": session.expires_at,
    }
