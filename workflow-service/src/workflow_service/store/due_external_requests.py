"""Requests to partners that are due: found over all companies, and leased without waiting."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.ports import Question
from workflow_service.store.external_requests import COLUMNS, external_of

# Index: external_requests_due.
_FIND = text("select company_id, request_id from due_external_requests(:kind, :most)")
_COLUMNS = ", ".join(f"r.{name}" for name in COLUMNS.split(", "))
# Nothing waits here: a locked request is being answered or changed, and is found again by the next look.
_CLAIM = text(f"""
    with due as (
        select company_id, id from external_requests
        where (company_id, id) in (select * from unnest(cast(:companies as int[]), cast(:ids as bigint[])))
            and next_try_at <= now() and coalesce(lease_until, '-infinity') <= now()
        for update skip locked
    )
    update external_requests r set lease_until = now() + :lease, tries = r.tries + 1
    from due, tasks t
    where r.company_id = due.company_id and r.id = due.id and t.company_id = r.company_id and t.id = r.task_id
    returning {_COLUMNS}, t.department
""")
_RELEASE = text("""
    update external_requests
    set tries = tries - 1, lease_until = null, next_try_at = greatest(next_try_at, now() + :pause)
    where company_id = :company and id = :id and tries = :tries and state in ('waiting', 'unknown')
""")


def find(session: Session, kind: str, most: int) -> list[tuple[int, int]]:
    """Return up to `most` requests of all companies that are due, by company and id."""
    return [(row.company_id, row.request_id) for row in session.execute(_FIND, {"kind": kind, "most": most})]


def claim(session: Session, found: list[tuple[int, int]], lease: timedelta) -> list[Question]:
    """Lease those of the requests that are still due and that nobody has; each counts one more try."""
    values = {"companies": [key[0] for key in found], "ids": [key[1] for key in found], "lease": lease}
    return [Question(external_of(row), row.department) for row in session.execute(_CLAIM, values)]


def release(session: Session, question: Question, pause: timedelta) -> None:
    """Give up a lease before any call was made: the try doesn't count."""
    external = question.external
    values = {"company": external.company_id, "id": external.id, "tries": external.tries, "pause": pause}
    session.execute(_RELEASE, values)
