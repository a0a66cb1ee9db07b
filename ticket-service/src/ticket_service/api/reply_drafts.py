"""`/api/tickets/{id}/draft`: the caller's draft of a reply, which nobody else sees."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional, digest_tag, read_precondition
from service_kit.http.problems import Forbidden
from service_kit.identity import REQUESTER

from ticket_service.api.comment_schemas import CommentText
from ticket_service.api.fields import Flag
from ticket_service.api.roles import PEOPLE
from ticket_service.api.visibility import own_tickets_of
from ticket_service.domain.reply_draft import ReplyDraft
from ticket_service.store.reply_drafts import Key
from ticket_service.usecases.keep_reply_draft import DraftPrecondition, delete_draft, read_draft, save_draft

reply_drafts = Blueprint("reply_drafts", __name__, description="Drafts of replies")


class NewReplyDraft(Schema):
    """The draft of a reply."""

    text = CommentText()
    internal = Flag(load_default=False, metadata={"description": "A note for staff; requesters write none."})


class ReplyDraftView(Schema):
    """The caller's draft of a reply."""

    ticket_id = fields.Integer(required=True)
    text = fields.String(required=True)
    internal = fields.Boolean(required=True)
    updated_at = fields.DateTime(required=True)


@reply_drafts.get("/api/tickets/<int:ticket_id>/draft")
@allowed(*PEOPLE)
@reply_drafts.response(200, ReplyDraftView)
def get_draft(ticket_id: int) -> Response:
    """Show the caller's draft of a reply; drafts of others are shown to nobody."""
    return _answer(read_draft(g.session, _key(ticket_id), own_tickets_of()))


@reply_drafts.put("/api/tickets/<int:ticket_id>/draft")
@allowed(*PEOPLE)
@conditional
@reply_drafts.arguments(NewReplyDraft, example={"text": "Dear Ann, please try", "internal": False})
@reply_drafts.response(200, ReplyDraftView)
def put_draft(new: dict[str, Any], ticket_id: int) -> Response:
    """Save the caller's draft of a reply in place of the earlier one."""
    if new["internal"] and own_tickets_of() is not None:
        raise Forbidden(f"The role {REQUESTER} may not write internal notes.")
    draft = save_draft(
        g.session,
        _key(ticket_id),
        new["text"],
        internal=new["internal"],
        precondition=_precondition(),
        own=own_tickets_of(),
    )
    return _answer(draft)


@reply_drafts.delete("/api/tickets/<int:ticket_id>/draft")
@allowed(*PEOPLE)
@conditional
@reply_drafts.response(204)
def remove_draft(ticket_id: int) -> Response:
    """Delete the caller's draft of a reply."""
    delete_draft(g.session, _key(ticket_id), _precondition(), own_tickets_of())
    return Response(status=204)


def _key(ticket_id: int) -> Key:
    return Key(g.caller.company_id, ticket_id, g.caller.subject)


def _precondition() -> DraftPrecondition:
    return read_precondition(lambda draft: digest_tag(draft and vars(draft)))


def _answer(draft: ReplyDraft) -> Response:
    return json_response(vars(draft), headers={"ETag": digest_tag(vars(draft))})
