"""The earlier texts of comments."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.domain.comments import Comment
from ticket_service.store.comment_tables import comment_revisions


class Revision(NamedTuple):
    """An earlier text of a comment: the version that had it, and who replaced it when."""

    version: int
    text: str
    replaced_by: str
    replaced_at: datetime


def keep(session: Session, comment: Comment, replaced_by: str) -> None:
    """Store the present text of a locked comment, which is about to be replaced."""
    values = {
        "company_id": comment.company_id,
        "comment_id": comment.id,
        "version": comment.version,
        "text": comment.text,
        "replaced_by": replaced_by,
    }
    session.execute(insert(comment_revisions).values(values))


def page(session: Session, comment: Comment, *, after: int, limit: int) -> list[Revision]:
    """Return up to `limit` earlier texts of a comment, of the versions above `after`, the oldest first."""
    query = (
        select(*(comment_revisions.c[name] for name in Revision._fields))
        .where(
            comment_revisions.c.company_id == comment.company_id,
            comment_revisions.c.comment_id == comment.id,
            comment_revisions.c.version > after,
        )
        .order_by(comment_revisions.c.version)
        .limit(limit)
    )
    return [Revision(*row) for row in session.execute(query)]


def forget(session: Session, comment: Comment) -> None:
    """Delete the earlier texts of a comment."""
    session.execute(
        delete(comment_revisions).where(
            comment_revisions.c.company_id == comment.company_id, comment_revisions.c.comment_id == comment.id
        )
    )
