"""Documents: one row per file of a company, whatever its version."""

# ruff: noqa: S608 - only column names of this file are put together here.

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from rag_service.domain.document import Document, DocumentState, FileVersion

SEARCHABLE = "case when {0}.chunks > 0 then coalesce({0}.searchable_version, {0}.version) end"
"""The version whose passages are stored, if any."""
COLUMNS = (
    "id, company_id, name, kind, origin, version, {searchable} as searchable_version, state, reason_code, reason,"
    " pages, chunks, chunks_read, report, revision, created_at, updated_at"
)
_READ = COLUMNS.format(searchable=SEARCHABLE.format("documents"))
_RETURNED = COLUMNS.format(searchable=SEARCHABLE.format("before"))

# Both are psycopg2 statements, because they run alone, outside the transaction that stores the outcome. Each returns
# the searchable version (0: none), and no row without such a document.
BEGIN_SQL = f"""
    insert into documents as before (company_id, id, name, kind, origin, version, state, reason, reason_code)
    select %(company)s, %(id)s::uuid, %(name)s, %(kind)s, %(origin)s, %(version)s, %(state)s, %(reason)s, %(code)s
    where not exists (select from tombstones where company_id = %(company)s and subject = %(id)s)
        and (%(origin)s <> 'outside' or not exists (
            select from outside where company_id = %(company)s and id = %(id)s::uuid and removed >= %(version)s
        ))
    on conflict (company_id, id) do update
    set state = case
            when before.version > excluded.version then before.state
            -- An older version still answers.
            when excluded.state = 'failed' and before.chunks > 0 then 'ready'
            else excluded.state
        end,
        reason = case when before.version <= excluded.version then excluded.reason else before.reason end,
        reason_code = case when before.version <= excluded.version then excluded.reason_code
                           else before.reason_code end,
        chunks_read = 0, updated_at = clock_timestamp()
    returning coalesce({SEARCHABLE.format("before")}, 0) as searchable_version
"""
PROGRESS_SQL = f"""
    update documents set chunks_read = %(read)s, updated_at = clock_timestamp()
    where company_id = %(company)s and id = %(id)s::uuid
    returning coalesce({SEARCHABLE.format("documents")}, 0) as searchable_version
"""

# A version that was read replaces an older one, even if a later one turned out to be unreadable meanwhile.
_ENTER = text(f"""
    insert into documents as before (company_id, id, name, kind, origin, version, state, pages, chunks, chunks_read,
                                     report, revision)
    values (:company, :id, :name, :kind, :origin, :version, 'ready', :pages, :chunks, :chunks,
            cast(:report as jsonb), 1)
    on conflict (company_id, id) do update
    set name = excluded.name, kind = excluded.kind, origin = excluded.origin,
        version = greatest(before.version, excluded.version), searchable_version = excluded.version, state = 'ready',
        reason_code = case when before.version > excluded.version then before.reason_code end,
        reason = case when before.version > excluded.version then before.reason end,
        pages = excluded.pages, chunks = excluded.chunks, chunks_read = excluded.chunks, report = excluded.report,
        revision = before.revision + 1, updated_at = clock_timestamp()
    where coalesce({SEARCHABLE.format("before")}, 0) <= excluded.version
    returning {_RETURNED}
""")

# A version that can't be read leaves the passages of an older one in place, with all that describes them.
_ENTER_FAILURE = text(f"""
    insert into documents as before (company_id, id, name, kind, origin, version, state, reason_code, reason, revision)
    values (:company, :id, :name, :kind, :origin, :version, 'failed', :reason_code, :reason, 1)
    on conflict (company_id, id) do update
    set name = excluded.name, origin = excluded.origin, version = excluded.version,
        kind = case when before.chunks > 0 then before.kind else excluded.kind end,
        searchable_version = {SEARCHABLE.format("before")},
        state = case when before.chunks > 0 then 'ready' else 'failed' end,
        reason_code = excluded.reason_code, reason = excluded.reason, chunks_read = before.chunks,
        revision = before.revision + 1, updated_at = clock_timestamp()
    where before.version <= excluded.version
    returning {_RETURNED}
""")


def store_readable(
    session: Session, file_version: FileVersion, *, pages: int | None, chunks: int, report: Mapping[str, Any]
) -> Document | None:
    """Insert or update a document with a version that was read; None if a later one is searchable."""
    more = {"pages": pages, "chunks": chunks, "report": orjson.dumps(report).decode()}
    return _entered(session, _ENTER, file_version, more)


def store_failure(session: Session, file_version: FileVersion, *, reason_code: str, reason: str) -> Document | None:
    """Insert or update a document with a version that can't be read; an older one stays searchable.

    Returns None if the outcome of a later version is stored.
    """
    return _entered(session, _ENTER_FAILURE, file_version, {"reason_code": reason_code, "reason": reason})


def _entered(
    session: Session, statement: TextClause, file_version: FileVersion, more: Mapping[str, Any]
) -> Document | None:
    given = {
        "company": file_version.company_id,
        "id": file_version.document,
        "name": file_version.name,
        "kind": file_version.kind,
        "origin": file_version.origin,
        "version": file_version.version,
    }
    row = session.execute(statement, {**given, **more}).one_or_none()
    return None if row is None else _document(row)


def take_unreported(session: Session, company_id: int, limit: int) -> list[FileVersion]:
    """Return uploaded files whose passages were stored without a report, and store one for each: passages alone."""
    query = text("""
        update documents
        set report = jsonb_build_object(
            'left_out', '[]'::jsonb,
            'read', jsonb_build_object(
                'passages', chunks, 'rows', 0, 'questions', 0, 'characters', 0, 'languages', '{}'::jsonb
            )
        )
        where company_id = :company and id in (
            select id from documents
            where company_id = :company and origin = 'file' and report is null and chunks > 0
                and coalesce(searchable_version, version) = version
            limit :limit for update skip locked
        )
        returning id, name, kind, origin, version
    """)
    rows = session.execute(query, {"company": company_id, "limit": limit})
    return [FileVersion(company_id, row.id, row.version, row.name, row.kind, row.origin) for row in rows]


def remove(session: Session, company_id: int, document: UUID, *, last: int | None = None) -> Document | None:
    """Delete a document with its chunks; return the deleted row, or None.

    `last`: the last version to delete, of an external producer's document; None: all.
    """
    query = text(f"""
        delete from documents
        where company_id = :company and id = :id
            and (cast(:last as int) is null or origin <> 'outside' or version <= :last)
        returning {_READ}
    """)
    row = session.execute(query, {"company": company_id, "id": document, "last": last}).one_or_none()
    return None if row is None else _document(row)


def find(session: Session, company_id: int, document: UUID) -> Document | None:
    """Return a company's document."""
    query = text(f"select {_READ} from documents where company_id = :company and id = :id")
    row = session.execute(query, {"company": company_id, "id": document}).one_or_none()
    return None if row is None else _document(row)


def page(
    session: Session, company_id: int, *, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Document]:
    """Return a page of a company's documents, newest first, after `after`. Index: documents_by_time."""
    parameters: dict[str, Any] = {"company": company_id, "limit": limit}
    where = "company_id = :company"
    if state is not None:
        where, parameters = f"{where} and state = :state", parameters | {"state": state}
    if after is not None:
        where = f"{where} and (created_at, id) < (:created_at, :id)"
        parameters |= {"created_at": after[0], "id": after[1]}
    query = text(f"select {_READ} from documents where {where} order by created_at desc, id desc limit :limit")
    return [_document(row) for row in session.execute(query, parameters)]


def ids_named(session: Session, company_id: int, names: Sequence[str], kinds: Sequence[str]) -> list[UUID]:
    """Return the ids of a company's documents with one of these names (any where none is given) and kinds."""
    query = text("""
        select id from documents
        where company_id = :company and (cast(:names as text[]) = '{}' or name = any(cast(:names as text[])))
            and (cast(:kinds as text[]) = '{}' or kind = any(cast(:kinds as text[])))
        limit 10000
    """)
    parameters = {"company": company_id, "names": list(names), "kinds": list(kinds)}
    return list(session.execute(query, parameters).scalars())


def ids(session: Session, company_id: int) -> list[UUID]:
    """Return the ids of all documents of a company."""
    query = text("select id from documents where company_id = :company order by id")
    return list(session.execute(query, {"company": company_id}).scalars())


def lock_existing(session: Session, company_id: int, wanted: Collection[UUID]) -> set[UUID]:
    """Return the documents of these that exist, and lock them until the end of the transaction."""
    query = text("select id from documents where company_id = :company and id = any(:ids) order by id for share")
    return set(session.execute(query, {"company": company_id, "ids": list(wanted)}).scalars())


def has_passages(session: Session, company_id: int) -> bool:
    """Return whether a company has any passage."""
    query = text("select exists (select from documents where company_id = :company and chunks > 0)")
    return bool(session.execute(query, {"company": company_id}).scalar_one())


def _document(row: Row[Any]) -> Document:
    return Document(**{**row._mapping, "state": DocumentState(row.state)})
