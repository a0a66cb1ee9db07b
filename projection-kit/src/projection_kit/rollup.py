"""Rollups: tables of counts that change by the difference."""

# ruff: noqa: S608 - only names of tables and columns that the services' code names are put together here.

from collections.abc import Mapping, Sequence
from typing import Any

from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared

from projection_kit.changes import Change


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
