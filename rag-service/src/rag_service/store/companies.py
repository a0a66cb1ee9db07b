"""The companies that retention jobs go through."""

from collections.abc import Collection

from service_kit.database.pg_arrays import pg_array
from sqlalchemy import text
from sqlalchemy.orm import Session

_ENTER = text("insert into companies (id) select unnest(cast(:ids as int[])) on conflict (id) do nothing")


def insert_missing(session: Session, companies: Collection[int]) -> None:
    """Insert companies; existing rows are unchanged."""
    session.execute(_ENTER, {"ids": pg_array(sorted(companies))})
