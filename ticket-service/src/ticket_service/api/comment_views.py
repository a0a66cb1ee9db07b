"""Comments as response bodies, with the schemas that document them."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields
from service_kit.http.pages import PageView

from ticket_service.api.attachment_views import AttachmentView, attachment_view
from ticket_service.api.views import STAFF
from ticket_service.domain.attachments import Attachment
from ticket_service.domain.comments import AuthorKind, Comment, CommentState, Ratings, Reader, Thumb
from ticket_service.domain.mail import CommentMail
from ticket_service.store.comment_revisions import Revision

BY_MAIL = "mail"
"""To requesters the author of a comment that came from an address without proof of an account."""


def comment_view(
    comment: Comment, ratings: Ratings, files: Sequence[Attachment], mail: CommentMail | None, reader: Reader
) -> dict[str, Any]:
    """Format a comment for a reader; for a requester it names nobody but the requester itself."""
    scheduled = comment.state is CommentState.SCHEDULED
    view = {
        "id": comment.id,
        "uuid": comment.uuid,
        "ticket_id": comment.ticket_id,
        "ticket_uuid": comment.ticket_uuid,
        "parent_id": comment.parent_id,
        "depth": comment.depth,
        "state": comment.state,
        "internal": comment.internal,
        "text": comment.text,
        "author": comment.author,
        "author_kind": comment.author_kind,
        "mentions": list(comment.mentions),
        "files": [attachment_view(file) for file in files],
        "mail": None if mail is None else mail_view(mail),
        "ratings": {
            "thumbs_up": ratings.thumbs_up,
            "thumbs_down": ratings.thumbs_down,
            "mine": ratings.mine,
        },
        "version": comment.version,
        "created_at": comment.created_at,
        "send_at": comment.sent_at if scheduled else None,
        "sent_at": None if scheduled else comment.sent_at,
        "edited_at": comment.edited_at,
        "deleted_at": comment.deleted_at,
    }
    if reader.sees_internal:
        return view
    for name in ("mentions", "mail"):
        view.pop(name)
    return view | {"author": _author_for_requesters(comment, reader)}


def _author_for_requesters(comment: Comment, reader: Reader) -> str:
    """Return whom a requester takes a comment for: nobody who writes by mail alone passes for staff."""
    if comment.author == reader.actor:
        return comment.author
    return BY_MAIL if comment.author.startswith("mail:") else STAFF


def mail_view(mail: CommentMail) -> dict[str, Any]:
    """Format the mail that a comment came by."""
    return {
        "sender": mail.sender,
        "participant": mail.is_participant,
        "automatic": mail.is_automatic,
        "whole_text": mail.whole_text,
        "missing_files": [vars(file) for file in mail.missing_files],
    }


def revision_view(revision: Revision) -> dict[str, Any]:
    """Format an earlier text of a comment."""
    return revision._asdict()


class RatingsView(Schema):
    """The thumbs of a comment."""

    thumbs_up = fields.Integer(required=True)
    thumbs_down = fields.Integer(required=True)
    mine = fields.Enum(
        Thumb,
        by_value=fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "The caller's own rating."},
    )


class MissingFileView(Schema):
    """A file of a mail that the comment doesn't have."""

    name = fields.String(required=True)
    reason = fields.String(required=True)


class CommentMailView(Schema):
    """The mail that a comment came by."""

    sender = fields.String(required=True)
    participant = fields.Boolean(
        required=True, metadata={"description": "Whether the sender is the requester, or has written to it before."}
    )
    automatic = fields.Boolean(required=True, metadata={"description": "Whether a program wrote it."})
    whole_text = fields.String(
        required=True, allow_none=True, metadata={"description": "With what it quotes; null where that is `text`."}
    )
    missing_files = fields.List(fields.Nested(MissingFileView), required=True)


class CommentView(Schema):
    """A comment. Its replies are comments with its id as `parent_id`."""

    id = fields.Integer(required=True)
    uuid = fields.UUID(required=True)
    ticket_id = fields.Integer(required=True)
    ticket_uuid = fields.UUID(required=True)
    parent_id = fields.Integer(required=True, allow_none=True)
    depth = fields.Integer(required=True, metadata={"description": "0 on the ticket itself, up to 5."})
    state = fields.Enum(CommentState, by_value=fields.String(), required=True)
    internal = fields.Boolean(required=True)
    text = fields.String(required=True, allow_none=True, metadata={"description": "null once it is deleted."})
    author = fields.String(required=True, metadata={"description": "For requesters `staff` unless it is them."})
    author_kind = fields.Enum(AuthorKind, by_value=fields.String(), required=True)
    mentions = fields.List(
        fields.Integer(), metadata={"description": "The ids of the people it mentions; requesters don't see them."}
    )
    files = fields.List(fields.Nested(AttachmentView), required=True)
    mail = fields.Nested(
        CommentMailView,
        allow_none=True,
        metadata={"description": "null for a comment that came otherwise; requesters don't see it."},
    )
    ratings = fields.Nested(RatingsView, required=True)
    version = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    send_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When a scheduled comment is to be sent."}
    )
    sent_at = fields.DateTime(required=True, allow_none=True)
    edited_at = fields.DateTime(required=True, allow_none=True)
    deleted_at = fields.DateTime(required=True, allow_none=True)


class CommentsView(PageView):
    """A page of a ticket's comments in the order of sending, so that a reply comes after its parent."""

    items = fields.List(fields.Nested(CommentView), required=True)


class RevisionView(Schema):
    """An earlier text of a comment."""

    version = fields.Integer(required=True, metadata={"description": "The comment's version that had this text."})
    text = fields.String(required=True)
    replaced_by = fields.String(required=True)
    replaced_at = fields.DateTime(required=True)


class RevisionsView(PageView):
    """A page of a comment's earlier texts, the oldest first."""

    items = fields.List(fields.Nested(RevisionView), required=True)
