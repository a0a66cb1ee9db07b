"""The list of companies that maintenance jobs go through."""

from collections.abc import Collection

from service_kit.database.pg_arrays import pg_array
from sqlalchemy import text
from sqlalchemy.orm import Session

_REGISTER = text("insert into companies (id) select unnest(cast(:ids as int[])) on conflict (id) do nothing")


def register(session: Session, company_ids: Collection[int]) -> None:
    """Add companies to the list; those on it stay."""
    session.execute(_REGISTER, {"ids": pg_array(sorted(company_ids))})
