"""Columns of values as PostgreSQL array literals, for set-based statements.

psycopg2 adapts a list item by item, in Python objects; one literal per column is several times cheaper in big batches.
"""

from collections.abc import Iterable


def plain(values: Iterable[object]) -> str:
    """Write numbers, UUIDs, times and booleans, whose text needs no quoting, as an array literal."""
    return "{" + ",".join(map(str, values)) + "}"


def quoted(values: Iterable[str | None]) -> str:
    """Write texts (None is null) as an array literal, whatever they hold but NUL."""
    return (
        "{"
        + ",".join(
            "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values
        )
        + "}"
    )
