"""Every required text of every body refuses what shows nothing."""

from collections.abc import Iterator
from typing import Any

import marshmallow
import pytest
from marshmallow import validate
from service_kit.http.email import NOT_VALID
from service_kit.http.text import BLANK

from .apps import WITH_ROUTES, app_of

EXEMPT = {
    "routing-service: department": "the name of a department that exists; another one is 404",
    "ai-service: description": "may be empty beside a title",
    "auth-service: email": "of a login: a text that is no address gets the answer of a wrong password",
    "auth-service: password": "the rules for passwords decide, and a login compares it",
    "auth-service: new_password": "the rules for passwords decide",
    "auth-service: current_password": "is compared",
    "auth-service: refresh_token": "is compared",
    "auth-service: token": "is compared",
    "auth-service: code": "is compared",
    "auth-service: key": "is compared",
    "auth-service: scopes": "names scopes that exist; another one is 400",
    "workflow-service: time_zone": "a name of the database of zones; another text is 400",
    "workflow-service: exceptions.date": "a date; another text is 400",
    "workflow-service: request": "the key of a request; another text is 400",
    "ai-service: words": "needs a letter or a digit, which says more",
}
"""What needs no check of its own; the reason beside it."""


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_a_required_text_refuses_what_nobody_sees(service: str) -> None:
    taken = {
        f"{service}: {name}"
        for view in app_of(service).view_functions.values()
        for schema in bodies(view)
        for name, field in texts(schema)
        if not refuses_blanks(field)
    }
    assert taken - EXEMPT.keys() == set()


def bodies(view: Any) -> Iterator[marshmallow.Schema]:
    """Yield the schemas of a view's body."""
    schema = getattr(view, "__dict__", {}).get("body_schema")
    if schema is not None:
        yield schema


def texts(schema: marshmallow.Schema, prefix: str = "") -> Iterator[tuple[str, marshmallow.fields.Field[Any]]]:
    """Yield the texts that a body must have, nested ones dotted; those in lists too."""
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, marshmallow.fields.List) else field
        if isinstance(inner, marshmallow.fields.Nested):
            yield from texts(inner.schema, f"{prefix}{name}.")
        elif isinstance(inner, marshmallow.fields.String) and field.required:
            yield f"{prefix}{name}", inner


def refuses_blanks(field: marshmallow.fields.Field[Any]) -> bool:
    """Return whether a field refuses a text of a zero width space alone."""
    if any(isinstance(each, validate.OneOf) for each in field.validators):
        return True
    try:
        with app_of("ticket-service").app_context():
            field.deserialize("\u200b\u200b\u200b")
    except marshmallow.ValidationError as error:
        return BLANK in error.messages or NOT_VALID in error.messages
    return False
