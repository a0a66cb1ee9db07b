"""The companies that are deleted, and how far their removal is."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from service_kit.database.pg_arrays import pg_array
from sqlalchemy import text
from sqlalchemy.orm import Session

_MARK = text(
    "insert into deleted_companies (id) select unnest(cast(:ids as int[])) order by 1 on conflict (id) do nothing"
)
_IS_MARKED = text("select exists (select from deleted_companies where id = :company)")
# Index: deleted_companies_to_remove.
_PENDING = text("select id, deleted_at < now() - :late as is_last from deleted_companies where removed_at is null")
_FINISH = text("update deleted_companies set removed_at = clock_timestamp() where id = :company")
_UNREGISTER = text("delete from companies where id = :company")


class Pending(NamedTuple):
    """A company whose rows are being removed. `is_last`: nothing can write for it any more."""

    company_id: int
    is_last: bool


def mark(session: Session, company_ids: Collection[int]) -> None:
    """Mark companies as deleted in the caller's transaction; their removal begins after its commit."""
    session.execute(_MARK, {"ids": pg_array(sorted(company_ids))})


def is_marked(session: Session, company_id: int) -> bool:
    """Return whether a company is deleted."""
    return bool(session.execute(_IS_MARKED, {"company": company_id}).scalar_one())


def pending(session: Session, late: timedelta) -> list[Pending]:
    """Return the companies that are not removed for good; `late` is how long something may write for them."""
    return [Pending(*row) for row in session.execute(_PENDING, {"late": late})]


def finish(session: Session, company_id: int) -> None:
    """Take a company off the list of maintenance jobs, and end its removal."""
    session.execute(_UNREGISTER, {"company": company_id})
    session.execute(_FINISH, {"company": company_id})
