"""Columns of values as PostgreSQL array literals, for set-based statements.

psycopg2 adapts a list item by item, in Python objects; one literal per column is several times cheaper in big batches.
"""

from collections.abc import Iterable


def pg_array(values: Iterable[object]) -> str:
    """Write numbers, UUIDs, times and booleans, whose text needs no quoting, as an array literal."""
    return "{" + ",".join(map(str, values)) + "}"


def pg_text_array(values: Iterable[str | None]) -> str:
    """Write texts (None is null) as an array literal, whatever they hold but NUL."""
    texts = list(values)
    if not texts:
        return "{}"
    if None not in texts:
        whole = '{"' + '","'.join(texts) + '"}'  # type: ignore[arg-type]
        # Nothing to escape: only the quotes just written.
        if "\\" not in whole and whole.count('"') == 2 * len(texts):
            return whole
    return "{" + ",".join(map(_quote, texts)) + "}"


def _quote(value: str | None) -> str:
    return "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
