"""The files of comments."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.domain.attachments import Attachment
from ticket_service.domain.comments import BadComment, Comment
from ticket_service.domain.files import Kind, NoSuchFile, Upload
from ticket_service.domain.ticket import Ticket
from ticket_service.store.blobs import BlobKey
from ticket_service.store.comment_tables import attachments
from ticket_service.store.tables import blobs, tickets

MAX_DELETED_PER_RUN = 200

_COLUMNS = (
    attachments.c.id, attachments.c.company_id, attachments.c.ticket_id, tickets.c.uuid.label("ticket_uuid"),
    attachments.c.comment_id, attachments.c.name, attachments.c.kind, attachments.c.content_type,
    blobs.c.size_bytes.label("size"), blobs.c.sha256, attachments.c.storage_key, attachments.c.uploaded_by,
    attachments.c.uploaded_at,
)  # fmt: skip


def add(session: Session, ticket: Ticket, upload: Upload, key: BlobKey, uploaded_by: str) -> Attachment:
    """Insert a file of a ticket, which no comment has yet."""
    values = {
        "company_id": key.company_id,
        "id": uuid4(),
        "ticket_id": ticket.id,
        "name": upload.name,
        "kind": upload.format.kind,
        "content_type": upload.format.content_type,
        "storage_key": key.storage_key,
        "uploaded_by": uploaded_by,
    }
    session.execute(insert(attachments).values(values))
    query = _query(key.company_id).where(attachments.c.id == values["id"])
    return _attachment(session.execute(query).one())


def attach(session: Session, comment: Comment, file_ids: Sequence[UUID]) -> None:
    """Give a new comment the files that its author uploaded to its ticket; raise BadComment for another file."""
    if not file_ids:
        return
    statement = (
        update(attachments)
        .where(
            attachments.c.company_id == comment.company_id,
            attachments.c.id.in_(file_ids),
            attachments.c.ticket_id == comment.ticket_id,
            attachments.c.uploaded_by == comment.author,
            attachments.c.comment_id.is_(None),
        )
        .values(comment_id=comment.id)
    )
    attached = set(session.execute(statement.returning(attachments.c.id)).scalars())
    for position, file_id in enumerate(file_ids):
        if file_id not in attached:
            message = "Not a file that you uploaded to this ticket and that no comment has yet."
            raise BadComment(f"file_ids.{position}", message)


def get(session: Session, comment: Comment, file_id: UUID) -> Attachment:
    """Return a file of a comment; raise NoSuchFile."""
    query = _query(comment.company_id).where(attachments.c.comment_id == comment.id, attachments.c.id == file_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NoSuchFile
    return _attachment(row)


def of_comments(session: Session, company_id: int, comment_ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """Return the files of comments by the comment's id, in the order of uploading. Index: attachments_of_comment."""
    query = _query(company_id).where(attachments.c.comment_id.in_(comment_ids))
    found: defaultdict[int, list[Attachment]] = defaultdict(list)
    for row in session.execute(query.order_by(attachments.c.uploaded_at, attachments.c.id)):
        found[row.comment_id].append(_attachment(row))
    return found


def keys_of_ticket(session: Session, ticket: Ticket) -> list[BlobKey]:
    """Return the storage keys of a ticket's files. Index: attachments_of_ticket."""
    query = select(attachments.c.company_id, attachments.c.storage_key).where(
        attachments.c.company_id == ticket.company_id, attachments.c.ticket_id == ticket.id
    )
    return [BlobKey(*row) for row in session.execute(query)]


def remove(session: Session, comment: Comment) -> list[Attachment]:
    """Delete the files of a comment and return them; their bytes may be unused now."""
    found = of_comments(session, comment.company_id, [comment.id]).get(comment.id, [])
    session.execute(
        delete(attachments).where(
            attachments.c.company_id == comment.company_id, attachments.c.comment_id == comment.id
        )
    )
    return found


def remove_unused(session: Session, companies: Sequence[int], age: timedelta) -> list[BlobKey]:
    """Delete some of the files older than `age` that no comment has, and return their keys.

    Index: attachments_unused.
    """
    old = (
        select(attachments.c.id)
        .where(
            attachments.c.company_id.in_(companies),
            attachments.c.comment_id.is_(None),
            attachments.c.uploaded_at < func.now() - age,
        )
        .limit(MAX_DELETED_PER_RUN)
        .with_for_update(skip_locked=True)
    )
    removed = delete(attachments).where(attachments.c.company_id.in_(companies), attachments.c.id.in_(old))
    keys = removed.returning(attachments.c.company_id, attachments.c.storage_key)
    return [BlobKey(*row) for row in session.execute(keys)]


def _query(company_id: int) -> Select[Any]:
    of_ticket = and_(attachments.c.company_id == tickets.c.company_id, attachments.c.ticket_id == tickets.c.id)
    same_bytes = and_(attachments.c.company_id == blobs.c.company_id, attachments.c.storage_key == blobs.c.storage_key)
    joined = select(*_COLUMNS).join(tickets, of_ticket).join(blobs, same_bytes)
    return joined.where(attachments.c.company_id == company_id)


def _attachment(row: Row[Any]) -> Attachment:
    values = dict(row._mapping)
    return Attachment(**values | {"kind": Kind(values["kind"])})
