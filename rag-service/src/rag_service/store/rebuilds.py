"""The progress of the latest rebuild of a company's vectors, one row per company."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

# A psycopg2 statement, because it runs alone, during the rebuild.
PROGRESS_SQL = """
    update rebuilds set state = 'running', done = %(done)s, total = %(total)s where company_id = %(company)s
"""


@dataclass(frozen=True)
class Rebuild:
    """The latest rebuild."""

    number: int
    state: str
    done: int
    total: int
    requested_at: datetime
    finished_at: datetime | None


def request(session: Session, company_id: int) -> int:
    """Store a request; return its number."""
    query = text("""
        insert into rebuilds as before (company_id, state) values (:company, 'requested')
        on conflict (company_id) do update
        set number = before.number + 1, state = 'requested', done = 0, total = 0, requested_at = clock_timestamp(),
            finished_at = null
        returning number
    """)
    return int(session.execute(query, {"company": company_id}).scalar_one())


def finish(session: Session, company_id: int, done: int) -> None:
    """Store that the rebuild is done."""
    session.execute(
        text("""
            update rebuilds set state = 'done', done = :done, total = :done, finished_at = clock_timestamp()
            where company_id = :company
        """),
        {"company": company_id, "done": done},
    )


def is_recent(session: Session, company_id: int) -> bool:
    """Return whether a rebuild is requested, running, or finished within the last hour."""
    query = text("""
        select exists (
            select from rebuilds
            where company_id = :company and (state <> 'done' or finished_at > now() - interval '1 hour')
        )
    """)
    return bool(session.execute(query, {"company": company_id}).scalar_one())


def find(session: Session, company_id: int) -> Rebuild | None:
    """Return the latest rebuild, or None."""
    query = text("""
        select number, state, done, total, requested_at, finished_at from rebuilds where company_id = :company
    """)
    row = session.execute(query, {"company": company_id}).one_or_none()
    return None if row is None else Rebuild(**row._mapping)
