"""How far the rebuild of a company's figures is: one row per company, for the latest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

# psycopg2's placeholders: the statement is committed on its own, while the rebuild's transaction goes on.
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
_MEET = text("insert into companies (id) values (:company) on conflict do nothing")
_FIND = text("select number, state, done, total, requested_at, finished_at from rebuilds where company_id = :company")
_OPEN = text("select company_id, number from rebuilds where state <> 'done' order by requested_at")
# A rebuild that was requested meanwhile has another number and stays open.
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


def request(session: Session, company: int) -> Rebuild:
    """Note that a rebuild was requested, and return it."""
    # The upkeep looks at the companies that are known, and this one may never have had an event.
    session.execute(_MEET, {"company": company})
    return Rebuild(**session.execute(_REQUEST, {"company": company}).one()._mapping)


def find(session: Session, company: int) -> Rebuild | None:
    """Return the latest rebuild, None where there was none."""
    row = session.execute(_FIND, {"company": company}).one_or_none()
    return None if row is None else Rebuild(**row._mapping)


def unfinished(session: Session) -> Sequence[tuple[int, int]]:
    """Return company and number of every rebuild that isn't done, of the companies that the session sees."""
    return [(row.company_id, row.number) for row in session.execute(_OPEN)]


def finish(session: Session, company: int, number: int, done: int) -> None:
    """Note that a rebuild is done."""
    session.execute(_FINISH, {"company": company, "number": number, "done": done})
