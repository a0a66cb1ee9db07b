"""Saved questions with the passages expected for each, for evaluating retrieval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
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


def count(session: Session, company_id: int) -> int:
    """Return how many questions a company has saved."""
    query = text("select count(*) from questions where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def remove(session: Session, company_id: int, number: int | None) -> int:
    """Delete one question, or all where `number` is None; return how many there were."""
    query = text("delete from questions where company_id = :company and (cast(:id as bigint) is null or id = :id)")
    done: Any = session.execute(query, {"company": company_id, "id": number})
    return int(done.rowcount)
