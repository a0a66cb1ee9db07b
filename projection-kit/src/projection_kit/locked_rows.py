"""Rows that a batch of events locks, changes and saves."""

# ruff: noqa: S608 - only names of tables and columns that the services' code names are put together here.

from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

import orjson
from service_kit.database.pg_arrays import pg_array
from service_kit.database.statements import Prepared, run
from sqlalchemy.orm import Session

from projection_kit.changes import Change

Row = TypeVar("Row", bound=NamedTuple)
Key = tuple[int, int]
"""Company and number."""
ByField = Mapping[str, str]


class LockedRows(Generic[Row]):
    """The rows of one table: a named tuple each, whose first two fields are the primary key, company and number."""

    def __init__(
        self, table: str, row: type[Row], types: ByField, read_as: ByField | None = None, columns: ByField | None = None
    ) -> None:
        """`types` has the SQL types of the fields that are not text, `read_as` expressions that replace a field's
        column, `columns` the columns of the fields that are named otherwise; the primary key's are named alike.
        """
        self._row = row
        self._key = row._fields[:2]
        column_of = {name: name for name in row._fields} | dict(columns or {})
        read_as = column_of | dict(read_as or {})
        self.selected = ", ".join(f"{read_as[name]} as {name}" for name in row._fields)
        """The columns of a SELECT from the table that returns the rows."""
        stored, key, company = ", ".join(column_of.values()), ", ".join(self._key), self._key[0]
        wanted = f"unnest({', '.join(f':{name}' for name in self._key)}) as wanted ({key})"
        arrays = {name: f"{types[name]}[]" for name in self._key}
        # One pass inserts the missing rows and locks the existing ones, so that all transactions lock in one order:
        # `do update` locks the row, and `where false` leaves it as it is.
        self._lock = Prepared(
            f"lock_{table}",
            f"""
            insert into {table} ({key}) select {key} from {wanted} order by {key}
            on conflict ({key}) do update set {company} = excluded.{company} where false
            """,
            arrays,
        )
        # `limit 1` forces one lookup per row: on a table without statistics a plain join under row-level security reads
        # all rows of the company.
        same = " and ".join(f"{table}.{name} = wanted.{name}" for name in self._key)
        self._read = Prepared(
            f"read_locked_{table}",
            f"select k.* from {wanted} cross join lateral (select {self.selected} from {table} where {same} limit 1) k",
            arrays,
        )
        # The rows exist and are locked; an upsert finds them by the primary key, whatever the planner's statistics.
        record = ", ".join(f"{name} {types.get(name, 'text')}" for name in row._fields)
        assignments = ", ".join(f"{column_of[name]} = excluded.{column_of[name]}" for name in row._fields[2:])
        self._values = f"{table}_rows"
        self._save = Prepared(
            f"save_{table}",
            f"""
            insert into {table} ({stored}) select * from jsonb_to_recordset(:{self._values}) as n ({record})
            on conflict ({key}) do update set {assignments}
            """,
            {self._values: "jsonb"},
        )

    def lock(self, session: Session, keys: Iterable[Key]) -> dict[Key, Row]:
        """Lock rows until the transaction ends and return them; missing ones are inserted with the table's defaults.

        Call it once per transaction, because a second call locks out of order.
        """
        wanted = sorted(set(keys))
        if not wanted:
            return {}
        values = {name: pg_array(column) for name, column in zip(self._key, zip(*wanted, strict=True), strict=True)}
        return {(row[0], row[1]): self._row._make(row) for row in run(session, [self._lock, self._read], values)}

    def save(self, rows: Iterable[Row]) -> Change:
        """Return the change that stores locked rows."""
        return self._save, {self._values: orjson.dumps([row._asdict() for row in rows]).decode()}
