"""Change a comment: another text, a deletion, a rating."""

from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from ticket_service.domain.comments import Comment, CommentState, Reader, Thumb
from ticket_service.domain.trail import COMMENT_RATED
from ticket_service.ports import FileStorage
from ticket_service.store import attachments, blobs, comment_revisions, comments, erasure, ratings, trail
from ticket_service.store.blobs import BlobKey
from ticket_service.usecases.announce_comment import announce_deletion, announce_edit, entry_of
from ticket_service.usecases.delete_orphaned_blobs import delete_now
from ticket_service.usecases.request_context import RequestContext


def edit_comment(
    session: Session,
    comment_id: int,
    text: str,
    precondition: Precondition[Comment],
    reader: Reader,
    context: RequestContext,
) -> Comment:
    """Replace a comment's text, keep the one before and publish that; the same text changes nothing.

    Nobody has read a scheduled comment, so that its text before is not kept. Raises CommentNotFound, NotTheAuthor,
    CommentDeleted, PreconditionFailed.
    """
    with session.begin():
        before = _lock(session, comment_id, precondition, reader, context)
        if before.text == text:
            return before
        after = comments.set_text(session, before, text)
        if before.state is CommentState.SENT:
            comment_revisions.keep(session, before, context.actor)
            announce_edit(session, after, context.actor, context.cause)
    return after


def delete_comment(
    session: Session,
    storage: FileStorage,
    comment_id: int,
    precondition: Precondition[Comment],
    reader: Reader,
    context: RequestContext,
) -> None:
    """Take a scheduled comment back, as if it had never been; delete the texts and files of one that was sent.

    Of the latter a tombstone stays, with the replies to it. Raises CommentNotFound, NotTheAuthor, CommentDeleted,
    PreconditionFailed.
    """
    with session.begin():
        comment = _lock(session, comment_id, precondition, reader, context)
        files = attachments.remove(session, comment)
        unused = blobs.release_all(session, [BlobKey(file.company_id, file.storage_key) for file in files])
        for uuid in (comment.uuid, *(file.id for file in files)):
            erasure.replace_answers(session, comment.company_id, uuid)
        if comment.state is CommentState.SCHEDULED:
            comments.take_back(session, comment)
        else:
            tombstone = comments.delete_text(session, comment)
            announce_deletion(session, tombstone, context.actor, context.cause)
    delete_now(session, storage, unused)


def rate_comment(
    session: Session, comment_id: int, thumb: Thumb | None, reader: Reader, context: RequestContext
) -> Comment:
    """Set the caller's only thumb for a comment, None removes it; the same again changes nothing.

    Raises CommentNotFound, CommentDeleted.
    """
    with session.begin():
        comment = comments.lock(session, context.company_id, comment_id, reader)
        comment.check_not_deleted()
        if ratings.rate(session, comment, context.actor, thumb):
            trail.append(session, [entry_of(COMMENT_RATED, comment, context.actor, context.cause)])
    return comment


def _lock(
    session: Session,
    comment_id: int,
    precondition: Precondition[Comment],
    reader: Reader,
    context: RequestContext,
) -> Comment:
    comment = comments.lock(session, context.company_id, comment_id, reader)
    comment.check_changeable_by(reader)
    precondition.check(comment)
    comment.check_not_deleted()
    return comment
