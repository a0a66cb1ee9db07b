"""Parses the query of a local endpoint: known fields only, each at most once."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

from service_kit.http.pages import DEFAULT_LIMIT, MAX_LIMIT
from service_kit.http.problems import Invalid
from service_kit.http.strictness import TWICE, UNKNOWN

PAGE: Mapping[str, Mapping[str, Any]] = {
    "cursor": {"type": "string", "description": "The value of `next` on the previous page."},
    "limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_LIMIT,
        "default": DEFAULT_LIMIT,
        "description": f"Maximum number of rows, 1 to {MAX_LIMIT}.",
    },
}
"""The query fields of a list in pages."""


def fields_of(query: str, known: Collection[str]) -> dict[str, str]:
    """Return the query's fields; raise Invalid (400) naming unknown and repeated fields."""
    fields: dict[str, str] = {}
    errors = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            errors.append({"field": name, "message": UNKNOWN})
        elif name in fields:
            errors.append({"field": name, "message": TWICE})
        else:
            fields[name] = value
    if errors:
        raise Invalid("The query can't be accepted.", errors=errors)
    return fields


def limit_of(fields: dict[str, str]) -> int:
    """Return the page size; raise Invalid (400) for any other text."""
    text = fields.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_LIMIT):
        raise Invalid(
            "The query can't be accepted.", errors=[{"field": "limit", "message": f"A number from 1 to {MAX_LIMIT}."}]
        )
    return int(text)
