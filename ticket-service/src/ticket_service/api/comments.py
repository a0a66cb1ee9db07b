"""`/api/tickets/{id}/comments` and `/api/comments`: what people write on a ticket."""

from datetime import datetime
from typing import Any

from flask import Response, g
from service_kit.http import pages
from service_kit.http.blueprint import Blueprint, dumps, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional, etag, read_precondition
from service_kit.http.problems import Forbidden
from service_kit.identity import REQUESTER, SERVICE

from ticket_service.api.comment_reader import comment_reader
from ticket_service.api.comment_schemas import CommentChange, NewComment, RatingChange
from ticket_service.api.comment_views import CommentsView, CommentView, RevisionsView, comment_view, revision_view
from ticket_service.api.request_context import request_context
from ticket_service.api.roles import CREATORS, PEOPLE, READERS, TICKET_READERS
from ticket_service.domain.comments import AuthorKind, Comment, CommentDraft, Ratings
from ticket_service.store import attachments, comment_revisions, mails, ratings, tickets
from ticket_service.store import comments as stored
from ticket_service.usecases.add_comment import add_comment
from ticket_service.usecases.change_comment import delete_comment, edit_comment, rate_comment

GONE = "The comment is deleted"

comments = Blueprint("comments", __name__, description="Comments on tickets, and internal notes")

KINDS = {REQUESTER: AuthorKind.REQUESTER, SERVICE: AuthorKind.MACHINE}
"""The kinds of authors by role; the other roles are agents. An API key acts for its person."""


@comments.post("/api/tickets/<int:ticket_id>/comments")
@allowed(*CREATORS)
@comments.arguments(NewComment, example={"text": "Which version of the client do you use?"})
@comments.response(201, CommentView)
def post_comment(new: dict[str, Any], ticket_id: int) -> Response:
    """Add a comment to a ticket, a reply to another comment, or an internal note."""
    reader = comment_reader()
    if not reader.sees_internal and new["internal"]:
        raise Forbidden(f"The role {REQUESTER} writes no internal notes.")
    kind = KINDS.get(g.caller.role, AuthorKind.AGENT)
    comment = add_comment(
        g.session,
        ticket_id,
        CommentDraft(**new),
        kind,
        reader,
        request_context(),
        read_idempotency_key(_created),
    )
    return _created(comment)


@comments.get("/api/tickets/<int:ticket_id>/comments")
@allowed(*TICKET_READERS)
@comments.arguments(pages.PageQuery, location="query")
@comments.response(200, CommentsView)
def list_comments(query: dict[str, Any], ticket_id: int) -> Response:
    """List a ticket's comments in the order of sending; a reply comes after its parent and names it."""
    company_id, reader, limit = g.caller.company_id, comment_reader(), query["limit"]
    tickets.get(g.session, company_id, ticket_id, reader.own)
    cursor = pages.decode_cursor(query["cursor"], (datetime, int))
    after = (cursor[0], cursor[1]) if cursor else None
    found = stored.page(g.session, company_id, ticket_id, reader, after=after, limit=limit + 1)
    shown = found[:limit]
    ids = [comment.id for comment in shown]
    rated = ratings.of_comments(g.session, company_id, ids, reader.actor)
    files = attachments.of_comments(g.session, company_id, ids)
    sent = mails.of_comments(g.session, company_id, ids)
    items = [
        comment_view(comment, rated.get(comment.id, Ratings()), files.get(comment.id, []), sent.get(comment.id), reader)
        for comment in shown
    ]
    body, headers = pages.page(found, limit, stored.place_of, "items", items)
    return json_response(body, 200, headers)


@comments.get("/api/comments/<int:comment_id>")
@allowed(*TICKET_READERS)
@comments.response(200, CommentView)
def get_comment(comment_id: int) -> Response:
    """Show a comment; of a deleted one its tombstone."""
    return _shown(stored.get(g.session, g.caller.company_id, comment_id, comment_reader()))


@comments.patch("/api/comments/<int:comment_id>")
@allowed(*PEOPLE)
@conditional
@comments.arguments(CommentChange, example={"text": "Which version of the VPN client do you use?"})
@comments.response(200, CommentView)
@comments.alt_response(410, description=GONE)
def patch_comment(change: dict[str, Any], comment_id: int) -> Response:
    """Change the text of a comment, as its author or as an admin; agents see the texts before."""
    comment = edit_comment(
        g.session, comment_id, change["text"], read_precondition(_version), comment_reader(), request_context()
    )
    return _shown(comment)


@comments.delete("/api/comments/<int:comment_id>")
@allowed(*PEOPLE)
@conditional
@comments.response(204)
@comments.alt_response(410, description=GONE)
def remove_comment(comment_id: int) -> Response:
    """Take a scheduled comment back, or delete one that was sent: its replies stay, its texts and files don't."""
    precondition = read_precondition(_version)
    delete_comment(g.session, g.deps.storage, comment_id, precondition, comment_reader(), request_context())
    return Response(status=204)


@comments.get("/api/comments/<int:comment_id>/revisions")
@allowed(*READERS)
@comments.arguments(pages.PageQuery, location="query")
@comments.response(200, RevisionsView)
def list_revisions(query: dict[str, Any], comment_id: int) -> Response:
    """List the earlier texts of a comment, the oldest first, with who replaced each."""
    limit = query["limit"]
    comment = stored.get(g.session, g.caller.company_id, comment_id, comment_reader())
    cursor = pages.decode_cursor(query["cursor"], (int,))
    found = comment_revisions.page(g.session, comment, after=cursor[0] if cursor else 0, limit=limit + 1)
    shown = [revision_view(revision) for revision in found[:limit]]
    body, headers = pages.page(found, limit, lambda revision: (revision.version,), "items", shown)
    return json_response(body, 200, headers)


@comments.put("/api/comments/<int:comment_id>/rating")
@allowed(*PEOPLE)
@comments.arguments(RatingChange, example={"thumb": "up"})
@comments.response(200, CommentView)
@comments.alt_response(410, description=GONE)
def put_rating(change: dict[str, Any], comment_id: int) -> Response:
    """Rate a comment: each person has one thumb, and the last one counts."""
    return _shown(rate_comment(g.session, comment_id, change["thumb"], comment_reader(), request_context()))


def _version(comment: Comment) -> str:
    return etag(comment.version)


def _created(comment: Comment) -> Response:
    # Nobody has rated it yet.
    return _answer(comment, Ratings(), 201, {"Location": f"/api/comments/{comment.id}"})


def _shown(comment: Comment) -> Response:
    reader = comment_reader()
    rated = ratings.of_comments(g.session, comment.company_id, [comment.id], reader.actor)
    return _answer(comment, rated.get(comment.id, Ratings()))


def _answer(comment: Comment, rated: Ratings, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    files = attachments.of_comments(g.session, comment.company_id, [comment.id])
    sent = mails.of_comments(g.session, comment.company_id, [comment.id])
    view = comment_view(comment, rated, files.get(comment.id, []), sent.get(comment.id), comment_reader())
    # Ratings raise no version, so that the tag has a digest, too.
    return json_response(view, status, {"ETag": etag(comment.version, dumps(view)), **(headers or {})})
