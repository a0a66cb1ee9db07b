"""Saved questions with the passages expected for each, for evaluating retrieval."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from service_kit.database.pg_arrays import pg_array
from sqlalchemy import text
from sqlalchemy.orm import Session

MAX_QUESTIONS = 5_000
"""Per company."""


@dataclass(frozen=True)
class SavedQuestion:
    """A question and its expected results: ids of chunks or documents, or names of files."""

    id: int
    question: str
    expected: tuple[str, ...]
    created_at: datetime


def add(session: Session, company_id: int, items: Sequence[tuple[str, Sequence[str]]]) -> list[int]:
    """Store questions with their expected results; return their ids."""
    rows = session.execute(
        text("""
            insert into questions (company_id, question, expected)
            select :company, item ->> 'question', item -> 'expected'
            from jsonb_array_elements(cast(:items as jsonb)) with ordinality as given (item, place)
            order by place
            returning id
        """),
        {
            "company": company_id,
            "items": orjson.dumps([{"question": q, "expected": list(e)} for q, e in items]).decode(),
        },
    )
    return list(rows.scalars())


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[SavedQuestion]:
    """Return a page of a company's questions in their order, after `after`. Index: the primary key."""
    query = text("""
        select id, question, expected, created_at from questions
        where company_id = :company and id > :after order by id limit :limit
    """)
    rows = session.execute(query, {"company": company_id, "after": after, "limit": limit})
    return [SavedQuestion(row.id, row.question, tuple(row.expected), row.created_at) for row in rows]


def all_of(session: Session, company_id: int) -> list[SavedQuestion]:
    """Return all questions of a company in their order."""
    return page(session, company_id, after=0, limit=MAX_QUESTIONS)


def document_names(session: Session, company_id: int) -> dict[UUID, str]:
    """Return the names of all documents of a company by their ids."""
    rows = session.execute(text("select id, name from documents where company_id = :company"), {"company": company_id})
    return {row.id: row.name for row in rows}


def documents_named(session: Session, company_id: int, expected: Collection[str]) -> dict[str, list[str]]:
    """Return the ids of the documents that each expected result means; the result itself if it means none now."""
    named: dict[str, list[str]] = {}
    for document, name in document_names(session, company_id).items():
        for known_as in (name, str(document)):
            named.setdefault(known_as, []).append(str(document))
    ids = [each for each in expected if each not in named and _is_uuid(each)]
    query = text("select id, document_id from chunks where company_id = :company and id = any(cast(:ids as uuid[]))")
    for row in session.execute(query, {"company": company_id, "ids": pg_array(ids)}):
        named[str(row.id)] = [str(row.document_id)]
    return {each: named.get(each, [each]) for each in expected}


def unknown(session: Session, company_id: int, expected: Collection[str]) -> list[str]:
    """Return which expected results are neither a document's name or id nor a passage's id now, in their order."""
    query = text("""
        select name from documents where company_id = :company and name = any(cast(:names as text[]))
        union all
        select id::text from documents where company_id = :company and id = any(cast(:ids as uuid[]))
        union all
        select id::text from chunks where company_id = :company and id = any(cast(:ids as uuid[]))
    """)
    names = list(dict.fromkeys(expected))
    ids = pg_array([each for each in names if _is_uuid(each)])
    found = session.execute(query, {"company": company_id, "names": pg_array(names), "ids": ids})
    known = set(found.scalars())
    return [each for each in names if each not in known]


def _is_uuid(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def count(session: Session, company_id: int) -> int:
    """Return how many questions a company has saved."""
    query = text("select count(*) from questions where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def remove(session: Session, company_id: int, number: int | None) -> int:
    """Delete one question, or all where `number` is None; return how many there were."""
    query = text("delete from questions where company_id = :company and (cast(:id as bigint) is null or id = :id)")
    done: Any = session.execute(query, {"company": company_id, "id": number})
    return int(done.rowcount)
