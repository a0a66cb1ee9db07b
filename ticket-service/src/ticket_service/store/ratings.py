"""The thumbs that people give to comments."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.domain.comments import Comment, Ratings, Thumb
from ticket_service.store.comment_tables import comment_ratings


def rate(session: Session, comment: Comment, rater: str, thumb: Thumb | None) -> bool:
    """Store a person's only thumb for a locked comment, None removes it; return whether anything changed."""
    of_rater = (
        comment_ratings.c.company_id == comment.company_id,
        comment_ratings.c.comment_id == comment.id,
        comment_ratings.c.rater == rater,
    )
    if thumb is None:
        removed = delete(comment_ratings).where(*of_rater).returning(comment_ratings.c.thumb)
        return session.execute(removed).first() is not None
    row = {
        "company_id": comment.company_id,
        "comment_id": comment.id,
        "rater": rater,
        "thumb": thumb,
        "ticket_id": comment.ticket_id,
    }
    statement = insert(comment_ratings).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=["company_id", "comment_id", "rater"],
        set_={"thumb": thumb},
        where=comment_ratings.c.thumb != thumb,
    )
    return session.execute(statement.returning(comment_ratings.c.thumb)).first() is not None


def of_comments(session: Session, company_id: int, comment_ids: Sequence[int], rater: str) -> dict[int, Ratings]:
    """Return the ratings of comments by id, with the rater's own thumb; comments without ratings are left out."""
    thumb, own = comment_ratings.c.thumb, comment_ratings.c.rater == rater
    query = (
        select(
            comment_ratings.c.comment_id,
            func.count().filter(thumb == Thumb.UP),
            func.count().filter(thumb == Thumb.DOWN),
            func.max(thumb).filter(own),
        )
        .where(comment_ratings.c.company_id == company_id, comment_ratings.c.comment_id.in_(comment_ids))
        .group_by(comment_ratings.c.comment_id)
    )
    return {
        comment_id: Ratings(up, down, None if mine is None else Thumb(mine))
        for comment_id, up, down, mine in session.execute(query)
    }


def forget(session: Session, comment: Comment) -> None:
    """Delete the ratings of a comment."""
    session.execute(
        delete(comment_ratings).where(
            comment_ratings.c.company_id == comment.company_id, comment_ratings.c.comment_id == comment.id
        )
    )
