"""Columns of values as PostgreSQL array literals, for set-based statements.

psycopg2 adapts a list item by item, in Python; one literal per column is several times faster in big batches.
"""

from collections.abc import Iterable


def pg_array(values: Iterable[object]) -> str:
    """Return an array literal of numbers, UUIDs, times or booleans, which need no quotes."""
    return "{" + ",".join(map(str, values)) + "}"


def pg_text_array(values: Iterable[str | None]) -> str:
    """Return an array literal of texts without NUL characters; None becomes null."""
    texts = list(values)
    if not texts:
        return "{}"
    if None not in texts:
        whole = '{"' + '","'.join(texts) + '"}'  # type: ignore[arg-type]
        # No text needs escaping: the only quotes are those that were just added.
        if "\\" not in whole and whole.count('"') == 2 * len(texts):
            return whole
    return "{" + ",".join(map(_quote, texts)) + "}"


def _quote(value: str | None) -> str:
    return "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
