"""Comments of a ticket: who sees them, where a reply may stand, and who may change them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MAX_DEPTH = 5
"""A comment on the ticket itself has depth 0."""


class CommentState(StrEnum):
    """The state of a comment."""

    SCHEDULED = "scheduled"
    SENT = "sent"
    DELETED = "deleted"


class AuthorKind(StrEnum):
    """The kind of a comment's author."""

    REQUESTER = "requester"
    AGENT = "agent"
    MACHINE = "machine"


class Thumb(StrEnum):
    """A person's rating of a comment."""

    UP = "up"
    DOWN = "down"


class CommentNotFound(Exception):
    """There is no such comment in the caller's company, or the caller may not see it."""

    def __init__(self) -> None:
        super().__init__("There is no such comment.")


class CommentDeleted(Exception):
    """The comment is deleted: it can be neither changed nor rated."""

    def __init__(self) -> None:
        super().__init__("The comment is deleted.")


class NotTheAuthor(Exception):
    """Only the author and admins change a comment."""

    def __init__(self) -> None:
        super().__init__("A comment is changed by its author or by an admin.")


class BadComment(Exception):
    """A comment can't stand where it is sent; `field` names the part of the request to correct."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.errors = [{"field": field, "message": message}]


@dataclass(frozen=True)
class Reader:
    """A caller who reads comments.

    `actor` names the caller as trails do. `own` is the requester to whose tickets the caller is limited, None for staff
    and services.
    """

    actor: str
    own: str | None = None
    is_admin: bool = False

    @property
    def sees_internal(self) -> bool:
        """Return whether the caller sees internal notes."""
        return self.own is None


@dataclass(frozen=True)
class CommentDraft:
    """A comment as it was submitted."""

    text: str
    parent_id: int | None = None
    internal: bool = False
    mentions: Sequence[int] = ()
    file_ids: Sequence[UUID] = ()
    delay_seconds: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    """A stored comment. Its `version` grows with each change of its text or state; ratings don't raise it.

    `text` is None once the comment is deleted. `sent_at` of a scheduled comment is the time at which it is to be sent.
    """

    id: int
    uuid: UUID
    company_id: int
    ticket_id: int
    ticket_uuid: UUID
    parent_id: int | None
    depth: int
    internal: bool
    state: CommentState
    author: str
    author_kind: AuthorKind
    text: str | None
    mentions: Sequence[int]
    version: int
    created_at: datetime
    sent_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None

    def check_changeable_by(self, reader: Reader) -> None:
        """Raise NotTheAuthor unless the caller is the author or an admin."""
        if self.author != reader.actor and not reader.is_admin:
            raise NotTheAuthor

    def check_not_deleted(self) -> None:
        """Raise CommentDeleted for a deleted comment."""
        if self.state is CommentState.DELETED:
            raise CommentDeleted


@dataclass(frozen=True)
class Ratings:
    """The thumbs of a comment, and the caller's own."""

    thumbs_up: int = 0
    thumbs_down: int = 0
    mine: Thumb | None = None


def depth_of_reply(parent: Comment | None, ticket_id: int, *, internal: bool) -> int:
    """Return the depth of a reply to `parent`, which is None where the caller sees no such comment.

    Raises BadComment, which names `parent_id`. A requester learns nothing about notes: a reply to one is refused as one
    to a comment that doesn't exist.
    """
    if parent is None or parent.ticket_id != ticket_id or parent.state is CommentState.SCHEDULED:
        raise BadComment("parent_id", "There is no such comment on this ticket.")
    if parent.state is CommentState.DELETED:
        raise BadComment("parent_id", "The comment is deleted; nobody can reply to it.")
    if parent.internal and not internal:
        raise BadComment("parent_id", "A reply to an internal note is internal.")
    if parent.depth >= MAX_DEPTH:
        raise BadComment("parent_id", f"Replies are nested at most {MAX_DEPTH} deep.")
    return parent.depth + 1
