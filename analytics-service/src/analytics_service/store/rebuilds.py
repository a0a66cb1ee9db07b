"""The progress of rebuilds: one row per company, for its latest rebuild."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

# With psycopg2's placeholders, because it is committed on its own while the rebuild's transaction is open.
PROGRESS_SQL = """
    update rebuilds set state = 'running', done = %(done)s, total = %(total)s
    where company_id = %(company)s and state <> 'done'
"""

_REQUEST = text("""
    insert into rebuilds as before (company_id, state) values (:company, 'requested')
    on conflict (company_id) do update
    set number = before.number + 1, state = 'requested', done = 0, total = 0, requested_at = clock_timestamp(),
        finished_at = null
    returning number, state, done, total, requested_at, finished_at
""")
_REGISTER_COMPANY = text("insert into companies (id) values (:company) on conflict do nothing")
_FIND = text("select number, state, done, total, requested_at, finished_at from rebuilds where company_id = :company")
_OPEN = text("select company_id, number from rebuilds where state <> 'done' order by requested_at")
# A rebuild that was requested meanwhile has another number and stays unfinished.
_FINISH = text("""
    update rebuilds set state = 'done', done = :done, total = :done, finished_at = clock_timestamp()
    where company_id = :company and number = :number
""")


@dataclass(frozen=True)
class Rebuild:
    """The latest rebuild of a company."""

    number: int
    state: str
    done: int
    total: int
    requested_at: datetime
    finished_at: datetime | None


def request(session: Session, company_id: int) -> Rebuild:
    """Store the request of a rebuild, and return it."""
    # The maintenance job reads the list of companies; before its first event the company may be missing from it.
    session.execute(_REGISTER_COMPANY, {"company": company_id})
    return Rebuild(**session.execute(_REQUEST, {"company": company_id}).one()._mapping)


def find(session: Session, company_id: int) -> Rebuild | None:
    """Return the latest rebuild, None where there was none."""
    row = session.execute(_FIND, {"company": company_id}).one_or_none()
    return None if row is None else Rebuild(**row._mapping)


def unfinished(session: Session) -> Sequence[tuple[int, int]]:
    """Return (company_id, number) of every unfinished rebuild of the session's companies."""
    return [(row.company_id, row.number) for row in session.execute(_OPEN)]


def finish(session: Session, company_id: int, number: int, done: int) -> None:
    """Mark a rebuild as done."""
    session.execute(_FINISH, {"company": company_id, "number": number, "done": done})
