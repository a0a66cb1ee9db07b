"""Scheduled comments whose time has come."""

from dataclasses import dataclass

from service_kit.telemetry.cause import Cause
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from ticket_service.domain.comments import Comment, CommentState, Reader
from ticket_service.store.comment_tables import comments
from ticket_service.store.comments import get

# Index: comments_due.
_FIND = text("select company_id, comment_id from due_comments(:most)")


@dataclass(frozen=True)
class Scheduled:
    """A scheduled comment's ticket, the request that wrote it, and whom the audit names for it."""

    ticket_id: int
    author: str
    cause: Cause
    audit_actor: str


def find(session: Session, most: int) -> list[tuple[int, int]]:
    """Return (company, id) of up to `most` comments of all companies that are due, those that are due longest first."""
    return [(row.company_id, row.comment_id) for row in session.execute(_FIND, {"most": most})]


def read(session: Session, company_id: int, comment_id: int) -> Scheduled | None:
    """Return a scheduled comment's ticket and author, None where it is taken back or sent."""
    query = select(
        comments.c.ticket_id,
        comments.c.author,
        comments.c.request_id,
        comments.c.traceparent,
        comments.c.actor_kind,
        comments.c.audit_actor,
    ).where(
        comments.c.company_id == company_id,
        comments.c.id == comment_id,
        comments.c.state == CommentState.SCHEDULED,
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    cause = Cause(row.request_id, row.traceparent, row.actor_kind)
    return Scheduled(row.ticket_id, row.author, cause, row.audit_actor)


def mark_sent(session: Session, company_id: int, comment_id: int, author: str) -> Comment | None:
    """Mark a comment on a locked ticket as sent and return it; None where it isn't scheduled any more.

    The condition decides between sending and taking back: exactly one of them changes the row.
    """
    statement = (
        update(comments)
        .where(
            comments.c.company_id == company_id,
            comments.c.id == comment_id,
            comments.c.state == CommentState.SCHEDULED,
        )
        .values(state=CommentState.SENT, sent_at=func.clock_timestamp(), version=comments.c.version + 1)
        .returning(comments.c.id)
    )
    if session.execute(statement).first() is None:
        return None
    return get(session, company_id, comment_id, Reader(author))
