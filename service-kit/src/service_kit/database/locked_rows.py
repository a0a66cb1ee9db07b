"""Rows that a batch locks, changes and saves, and rollups that change by the difference."""

# ruff: noqa: S608 - only names of tables and columns that the services' code names are put together here.

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import orjson
from sqlalchemy.orm import Session

from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run

Row = TypeVar("Row", bound=NamedTuple)
Key = tuple[int, int]
"""Company and number."""
ByField = Mapping[str, str]
Change = tuple[Prepared, dict[str, str]]
"""A statement and its values. Their names begin with the table's: one string may hold the changes of several tables."""


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


class Rollup:
    """A table of counts by key, a few rows per company."""

    def __init__(self, table: str, key: Mapping[str, str], counts: Sequence[str], where: str = "true") -> None:
        """`key` has the columns of the primary key and their types; differences that `where` rejects are dropped."""
        self._types = {**key, **dict.fromkeys(counts, "bigint")}
        self._parameters = {name: f"{table}_{name}" for name in self._types}
        names, primary = ", ".join(self._types), ", ".join(key)
        self._add = Prepared(
            f"add_to_{table}",
            f"""
            insert into {table} as t ({names})
            select * from unnest({", ".join(f":{each}" for each in self._parameters.values())}) as d ({names})
            where {where} order by {primary}
            on conflict ({primary}) do update set {", ".join(f"{name} = t.{name} + excluded.{name}" for name in counts)}
            """,
            {self._parameters[name]: f"{sql_type}[]" for name, sql_type in self._types.items()},
        )

    def add(self, differences: Mapping[tuple[Any, ...], Sequence[int]]) -> Change:
        """Return the change that adds the differences, counts in their order by key."""
        columns = zip(*((*key, *counts) for key, counts in differences.items()), strict=True)
        return self._add, {
            self._parameters[name]: pg_text_array(column) if sql_type == "text" else pg_array(column)
            for (name, sql_type), column in zip(self._types.items(), columns, strict=True)
        }


def together(changes: Collection[Change]) -> tuple[list[Prepared], dict[str, str]]:
    """Return the statements and the values of several changes, for one round trip."""
    return [statement for statement, _ in changes], {
        name: value for _, values in changes for name, value in values.items()
    }
