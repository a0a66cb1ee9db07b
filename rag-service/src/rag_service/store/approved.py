"""Approved answers: few, short, and compared with every question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

MAX_ANSWERS = 2_000
"""Per company; each is compared with each question."""


@dataclass(frozen=True)
class ApprovedAnswer:
    """A question with the steps a person approved for it."""

    id: int
    question: str
    steps: tuple[str, ...]
    approved_by: str
    created_at: datetime
    vector: bytes | None = None
    encoder: str | None = None


def add(
    session: Session,
    company_id: int,
    question: str,
    steps: Sequence[str],
    approved_by: str,
    vector: bytes | None,
    encoder: str | None,
) -> ApprovedAnswer:
    """Store an approved answer."""
    row = session.execute(
        text("""
            insert into approved_answers (company_id, question, steps, approved_by, vector, encoder)
            values (:company, :question, cast(:steps as jsonb), :by, :vector, :encoder)
            returning id, created_at
        """),
        {
            "company": company_id,
            "question": question,
            "steps": orjson.dumps(list(steps)).decode(),
            "by": approved_by,
            "vector": vector,
            "encoder": encoder,
        },
    ).one()
    return ApprovedAnswer(row.id, question, tuple(steps), approved_by, row.created_at, vector, encoder)


def all_of(session: Session, company_id: int) -> list[ApprovedAnswer]:
    """Return a company's approved answers with their vectors, newest first. Index: the primary key."""
    query = text("""
        select id, question, steps, approved_by, created_at, vector, encoder
        from approved_answers where company_id = :company order by id desc
    """)
    return [_approved(row) for row in session.execute(query, {"company": company_id})]


def page(session: Session, company_id: int, *, before: int | None, limit: int) -> list[ApprovedAnswer]:
    """Return a page of a company's approved answers without vectors, newest first, after `before`."""
    query = text("""
        select id, question, steps, approved_by, created_at, null::bytea as vector, null::text as encoder
        from approved_answers
        where company_id = :company and id < :before order by id desc limit :limit
    """)
    rows = session.execute(query, {"company": company_id, "before": before or 2**62, "limit": limit})
    return [_approved(row) for row in rows]


def count(session: Session, company_id: int) -> int:
    """Return how many approved answers a company has."""
    query = text("select count(*) from approved_answers where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def state(session: Session, company_id: int) -> tuple[int, int]:
    """Return a value that changes whenever an approved answer is added or removed; none is ever updated. Index: the
    primary key."""
    query = text("""
        select count(*) as number, coalesce(max(id), 0) as newest from approved_answers where company_id = :company
    """)
    row = session.execute(query, {"company": company_id}).one()
    return int(row.number), int(row.newest)


def remove(session: Session, company_id: int, number: int) -> bool:
    """Delete an approved answer; return whether it existed."""
    query = text("delete from approved_answers where company_id = :company and id = :id returning id")
    return session.execute(query, {"company": company_id, "id": number}).one_or_none() is not None


def _approved(row: Any) -> ApprovedAnswer:
    vector = None if row.vector is None else bytes(row.vector)
    return ApprovedAnswer(row.id, row.question, tuple(row.steps), row.approved_by, row.created_at, vector, row.encoder)
