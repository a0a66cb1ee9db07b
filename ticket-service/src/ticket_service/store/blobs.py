"""The state of stored bytes (blobs): reserved before the upload, stored while a file uses them, then unused.

The maintenance job deletes unused blobs.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, exists, func, or_, select, text, tuple_, update
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.store.comment_tables import attachments
from ticket_service.store.tables import blobs, files

RESERVED, STORED, UNUSED = "arriving", "stored", "unused"
"""The values of `blobs.state`."""
MAX_BLOBS_PER_RUN = 200

_REGISTER_COMPANY = text("insert into companies (id) values (:company_id) on conflict do nothing")


class BlobKey(NamedTuple):
    """The key of bytes in the storage."""

    company_id: int
    storage_key: UUID


def stored(session: Session, company_id: int, sha256: str, *, locked: bool = False) -> BlobKey | None:
    """Return the key under which the company's storage holds this content, None without one.

    `locked` bytes can't be released until the transaction ends. Index: blobs_stored.
    """
    query = select(blobs.c.storage_key).where(
        blobs.c.company_id == company_id, blobs.c.sha256 == sha256, blobs.c.state == STORED
    )
    if locked:
        query = query.with_for_update(read=True, key_share=True)
    key = session.execute(query).scalar_one_or_none()
    return None if key is None else BlobKey(company_id, key)


def reserve(session: Session, company_id: int, sha256: str, size: int) -> BlobKey:
    """Reserve and return a key for content before its upload, so that the bytes of a failed upload are deleted."""
    key = BlobKey(company_id, uuid4())
    # The maintenance job goes through this list; before the company's first event the company may be missing from it.
    session.execute(_REGISTER_COMPANY, {"company_id": company_id})
    session.execute(insert(blobs).values(**key._asdict(), sha256=sha256, size_bytes=size, state=RESERVED))
    return key


def mark_stored(session: Session, key: BlobKey) -> bool:
    """Mark reserved bytes as stored; return False where the reservation has expired."""
    statement = update(blobs).where(*_at(key), blobs.c.state == RESERVED)
    changed = statement.values(state=STORED, changed_at=func.clock_timestamp()).returning(blobs.c.storage_key)
    return session.execute(changed).first() is not None


def cancel_reservation(session: Session, key: BlobKey) -> bool:
    """Cancel a reservation; return whether its bytes must be deleted, which is False where they are stored."""
    statement = update(blobs).where(*_at(key), blobs.c.state == RESERVED)
    session.execute(statement.values(state=UNUSED, changed_at=func.clock_timestamp()))
    return session.execute(select(blobs.c.state).where(*_at(key))).scalar_one_or_none() != STORED


def release(session: Session, key: BlobKey) -> bool:
    """Mark bytes as unused if no file uses them any more; return whether that is so.

    Indexes: files_of_blob, attachments_of_blob.
    """
    # Waits for a transaction that is about to use the bytes; the next statement sees its file.
    session.execute(select(blobs.c.state).where(*_at(key)).with_for_update())
    used = or_(
        *(
            exists().where(table.c.company_id == key.company_id, table.c.storage_key == key.storage_key)
            for table in (files, attachments)
        )
    )
    statement = update(blobs).where(*_at(key), blobs.c.state == STORED, ~used)
    changed = statement.values(state=UNUSED, changed_at=func.clock_timestamp()).returning(blobs.c.storage_key)
    return session.execute(changed).first() is not None


def release_all(session: Session, keys: Sequence[BlobKey]) -> list[BlobKey]:
    """Release bytes as `release` does, in one order for all transactions; return the keys that are unused now."""
    return [key for key in sorted(set(keys)) if release(session, key)]


def expire_reservations(session: Session, age: timedelta) -> None:
    """Cancel the reservations older than `age`: their uploads were interrupted. Index: blobs_to_settle."""
    session.execute(
        update(blobs)
        .where(blobs.c.state == RESERVED, blobs.c.changed_at < func.now() - age)
        .values(state=UNUSED, changed_at=func.clock_timestamp())
    )


def unused(session: Session) -> list[BlobKey]:
    """Return up to MAX_BLOBS_PER_RUN unused keys of the session's companies, oldest first. Index: blobs_to_settle."""
    query = select(blobs.c.company_id, blobs.c.storage_key).where(blobs.c.state == UNUSED)
    return [BlobKey(*row) for row in session.execute(query.order_by(blobs.c.changed_at).limit(MAX_BLOBS_PER_RUN))]


def delete_rows(session: Session, keys: Sequence[BlobKey]) -> None:
    """Delete the rows of unused blobs whose bytes were deleted."""
    session.execute(
        delete_from(blobs).where(tuple_(blobs.c.company_id, blobs.c.storage_key).in_(keys), blobs.c.state == UNUSED)
    )


def _at(key: BlobKey) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return blobs.c.company_id == key.company_id, blobs.c.storage_key == key.storage_key
