"""Every name in every body refuses characters that nobody sees."""

from collections.abc import Iterator
from typing import Any

import marshmallow
import pytest

from .apps import WITH_ROUTES, app_of
from .test_required_text import bodies

NAMES = {"name", "username", "user_name", "company", "role", "skills"}
HIDDEN = ("Ac\u200bme", "Ac\u202eme", "Ac\x07me", "Ac\u200dme")
EXEMPT = {"rag-service: filters.name": "the name of documents that exist; another one finds nothing"}
"""What needs no check of its own; the reason beside it."""


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_a_name_refuses_what_nobody_sees(service: str) -> None:
    taken = {
        f"{service}: {place}"
        for view in app_of(service).view_functions.values()
        for schema in bodies(view)
        for place, field in names(schema)
        if not all(refuses(field, hidden) for hidden in HIDDEN)
    }
    assert taken - EXEMPT.keys() == set()


def names(schema: marshmallow.Schema, prefix: str = "") -> Iterator[tuple[str, marshmallow.fields.Field[Any]]]:
    """Yield the names that a body may have, nested ones dotted; those in lists too."""
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, marshmallow.fields.List) else field
        if isinstance(inner, marshmallow.fields.Nested):
            yield from names(inner.schema, f"{prefix}{name}.")
        elif isinstance(inner, marshmallow.fields.String) and name in NAMES:
            yield f"{prefix}{name}", inner


def refuses(field: marshmallow.fields.Field[Any], text: str) -> bool:
    """Return whether a field refuses a text."""
    try:
        field.deserialize(text)
    except marshmallow.ValidationError:
        return True
    return False
