"""Comments of tickets. Each query that reads for a caller returns only what that caller may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from service_kit.telemetry.cause import Cause
from sqlalchemy import Row, Select, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.domain.comments import (
    AuthorKind,
    Comment,
    CommentDraft,
    CommentNotFound,
    CommentState,
    Reader,
)
from ticket_service.domain.ticket import Ticket
from ticket_service.store import comment_revisions, mails, ratings
from ticket_service.store import tickets as stored_tickets
from ticket_service.store.comment_tables import comments
from ticket_service.store.tables import tickets

Place = tuple[datetime, int]
"""A comment's place in the list of its ticket: when it was sent, and its id."""

_SHOWN = (
    comments.c.id, comments.c.uuid, comments.c.company_id, comments.c.ticket_id, tickets.c.uuid.label("ticket_uuid"),
    comments.c.parent_id, comments.c.depth, comments.c.internal, comments.c.state, comments.c.author,
    comments.c.author_kind, comments.c.text, comments.c.mentions, comments.c.version, comments.c.created_at,
    comments.c.sent_at, comments.c.edited_at, comments.c.deleted_at,
)  # fmt: skip


@dataclass(frozen=True)
class Writer:
    """The author of a comment, the request that sends it, and whom the audit names for it."""

    author: str
    kind: AuthorKind
    cause: Cause
    audit_actor: str


def add(session: Session, ticket: Ticket, draft: CommentDraft, depth: int, writer: Writer) -> Comment:
    """Insert a comment on a locked ticket and return it: sent now, or scheduled where the draft has a delay."""
    delay = func.make_interval(0, 0, 0, 0, 0, 0, draft.delay_seconds)
    row = session.execute(
        insert(comments)
        .values(
            company_id=ticket.company_id,
            uuid=uuid4(),
            ticket_id=ticket.id,
            parent_id=draft.parent_id,
            depth=depth,
            internal=draft.internal,
            state=CommentState.SCHEDULED if draft.delay_seconds else CommentState.SENT,
            author=writer.author,
            author_kind=writer.kind,
            text=draft.text,
            mentions=list(draft.mentions),
            # Taken after the ticket was locked, so that the order of sending is the order of these times.
            sent_at=func.clock_timestamp() + delay,
            request_id=writer.cause.request_id,
            traceparent=writer.cause.traceparent,
            actor_kind=writer.cause.actor_kind,
            audit_actor=writer.audit_actor,
        )
        .returning(comments.c.id)
    ).one()
    return _fetch(session, _query(ticket.company_id).where(comments.c.id == row.id))


def find(session: Session, company_id: int, comment_id: int, reader: Reader) -> Comment | None:
    """Return a comment, None where there is none that the reader sees."""
    row = session.execute(_seen_by(reader, _query(company_id)).where(comments.c.id == comment_id)).one_or_none()
    return None if row is None else _comment(row)


def get(session: Session, company_id: int, comment_id: int, reader: Reader) -> Comment:
    """Return a comment that the reader sees; raise CommentNotFound."""
    return _fetch(session, _seen_by(reader, _query(company_id)).where(comments.c.id == comment_id))


def lock(session: Session, company_id: int, comment_id: int, reader: Reader) -> Comment:
    """Lock a comment against changes until the transaction ends and return it; raise CommentNotFound.

    Its ticket is locked first, as by those who add comments or delete the ticket, so that nobody deadlocks.
    """
    stored_tickets.keep(session, company_id, get(session, company_id, comment_id, reader).ticket_id)
    query = _seen_by(reader, _query(company_id)).where(comments.c.id == comment_id)
    return _fetch(session, query.with_for_update(of=comments, key_share=True))


def page(
    session: Session, company_id: int, ticket_id: int, reader: Reader, *, after: Place | None, limit: int
) -> list[Comment]:
    """Return up to `limit` comments of a ticket after a place, in the order of sending. Index: comments_of_ticket."""
    query = _seen_by(reader, _query(company_id)).where(comments.c.ticket_id == ticket_id)
    if after is not None:
        query = query.where(tuple_(comments.c.sent_at, comments.c.id) > after)
    rows = session.execute(query.order_by(comments.c.sent_at, comments.c.id).limit(limit))
    return [_comment(row) for row in rows]


def place_of(comment: Comment) -> Place:
    """Return a comment's place in the list of its ticket."""
    return comment.sent_at, comment.id


def set_text(session: Session, comment: Comment, text: str) -> Comment:
    """Store another text of a locked comment and return it; only a comment that was sent shows that it was edited."""
    edited_at = func.clock_timestamp() if comment.state is CommentState.SENT else None
    return _save(session, comment, text=text, edited_at=edited_at)


def delete_text(session: Session, comment: Comment) -> Comment:
    """Delete the texts and ratings of a locked comment and return the tombstone."""
    comment_revisions.forget(session, comment)
    ratings.forget(session, comment)
    mails.forget_text(session, comment)
    values = {"state": CommentState.DELETED, "text": None, "mentions": [], "deleted_at": func.clock_timestamp()}
    return _save(session, comment, **values)


def take_back(session: Session, comment: Comment) -> bool:
    """Delete a comment if it is still scheduled; return whether it was."""
    statement = delete(comments).where(*_at(comment), comments.c.state == CommentState.SCHEDULED)
    return session.execute(statement.returning(comments.c.id)).first() is not None


def _save(session: Session, comment: Comment, **values: Any) -> Comment:
    session.execute(update(comments).where(*_at(comment)).values(**values, version=comments.c.version + 1))
    return _fetch(session, _query(comment.company_id).where(comments.c.id == comment.id))


def _at(comment: Comment) -> tuple[Any, Any]:
    return comments.c.company_id == comment.company_id, comments.c.id == comment.id


def _query(company_id: int) -> Select[Any]:
    of_ticket = and_(comments.c.company_id == tickets.c.company_id, comments.c.ticket_id == tickets.c.id)
    return select(*_SHOWN).join(tickets, of_ticket).where(comments.c.company_id == company_id)


def _seen_by(reader: Reader, query: Select[Any]) -> Select[Any]:
    """Limit a query to what the reader sees: no scheduled comment of others, and for a requester no note."""
    query = query.where(or_(comments.c.state != CommentState.SCHEDULED, comments.c.author == reader.actor))
    if reader.own is not None:
        query = query.where(tickets.c.customer_id == reader.own)
    return query if reader.sees_internal else query.where(comments.c.internal.is_(False))


def _fetch(session: Session, query: Select[Any]) -> Comment:
    row = session.execute(query).one_or_none()
    if row is None:
        raise CommentNotFound
    return _comment(row)


def _comment(row: Row[Any]) -> Comment:
    values = dict(row._mapping)
    values["state"] = CommentState(values["state"])
    values["author_kind"] = AuthorKind(values["author_kind"])
    return Comment(**values)
