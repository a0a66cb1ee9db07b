"""The files of a company."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.domain.files import Kind, NoSuchFile, StoredFile, Upload
from ticket_service.store.blobs import BlobKey
from ticket_service.store.tables import blobs, files

_LOCK = text("select pg_advisory_xact_lock(hashtext('files:' || current_schema()), :company_id)")
# The usual timeouts suit short requests, which lose nothing by a retry; a received file would have to be sent again.
_LOCK_WITH_EXTENDED_TIMEOUT = text("""
    set local lock_timeout = '20s';
    set local statement_timeout = '20s';
    select pg_advisory_xact_lock(hashtext('files:' || current_schema()), :company_id);
    set local lock_timeout to default;
    set local statement_timeout to default
""")
_COLUMNS = (
    files.c.id, files.c.company_id, files.c.name, files.c.kind, files.c.content_type,
    blobs.c.size_bytes.label("size"), blobs.c.sha256, files.c.storage_key, files.c.version, files.c.uploaded_by,
    files.c.uploaded_at,
)  # fmt: skip


def lock(session: Session, company_id: int, *, extended_timeout: bool = False) -> None:
    """Lock the company's files against changes by other transactions until this transaction ends.

    The lock is held for milliseconds and serialises equal names and equal contents. `extended_timeout` waits for it up
    to 20 seconds instead of the usual lock timeout.
    """
    session.execute(_LOCK_WITH_EXTENDED_TIMEOUT if extended_timeout else _LOCK, {"company_id": company_id})


def existing(session: Session, company_id: int, wanted: Collection[UUID]) -> set[UUID]:
    """Return those of the wanted ids that are files of the company."""
    query = select(files.c.id).where(files.c.company_id == company_id, files.c.id.in_(wanted))
    return set(session.execute(query).scalars())


def get(session: Session, company_id: int, file_id: UUID) -> StoredFile:
    """Return a file; raise NoSuchFile."""
    row = session.execute(_query(company_id).where(files.c.id == file_id)).one_or_none()
    if row is None:
        raise NoSuchFile
    return _from_row(row)


def named(session: Session, company_id: int, name: str) -> StoredFile | None:
    """Return the file with a name, None without one. Index: files_name."""
    row = session.execute(_query(company_id).where(files.c.name == name)).one_or_none()
    return None if row is None else _from_row(row)


def page(
    session: Session, company_id: int, kind: Kind | None, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[StoredFile]:
    """Return up to `limit` files uploaded before `before`, the latest upload first. Index: files_newest."""
    query = _query(company_id)
    if kind is not None:
        query = query.where(files.c.kind == kind)
    if before is not None:
        query = query.where(tuple_(files.c.uploaded_at, files.c.id) < before)
    rows = session.execute(query.order_by(files.c.uploaded_at.desc(), files.c.id.desc()).limit(limit))
    return [_from_row(row) for row in rows]


def add(session: Session, upload: Upload, key: BlobKey, uploaded_by: str) -> StoredFile:
    """Insert a new file. The caller holds the company's lock and no other file has the name."""
    file_id = uuid4()
    session.execute(
        insert(files).values(
            company_id=key.company_id,
            id=file_id,
            name=upload.name,
            kind=upload.format.kind,
            content_type=upload.format.content_type,
            storage_key=key.storage_key,
            uploaded_by=uploaded_by,
        )
    )
    return get(session, key.company_id, file_id)


def replace(session: Session, before: StoredFile, key: BlobKey, uploaded_by: str) -> StoredFile:
    """Update a file to its next version. The caller holds the company's lock."""
    session.execute(
        update(files)
        .where(files.c.company_id == before.company_id, files.c.id == before.id)
        .values(
            storage_key=key.storage_key,
            version=files.c.version + 1,
            uploaded_by=uploaded_by,
            uploaded_at=func.now(),
        )
    )
    return get(session, before.company_id, before.id)


def remove(session: Session, file: StoredFile) -> None:
    """Delete a file's row. The caller holds the company's lock."""
    session.execute(delete(files).where(files.c.company_id == file.company_id, files.c.id == file.id))


def blob_key_of(file: StoredFile) -> BlobKey:
    """Return the storage key of a file's bytes."""
    return BlobKey(file.company_id, file.storage_key)


def _query(company_id: int) -> Select[Any]:
    same_bytes = (files.c.company_id == blobs.c.company_id) & (files.c.storage_key == blobs.c.storage_key)
    return select(*_COLUMNS).join(blobs, same_bytes).where(files.c.company_id == company_id)


def _from_row(row: Row[Any]) -> StoredFile:
    values = dict(row._mapping)
    return StoredFile(**values | {"kind": Kind(values["kind"])})
