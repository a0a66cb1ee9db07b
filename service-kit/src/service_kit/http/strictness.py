"""Requests hold nothing that their route does not know; checked here for every route of every service.

`Blueprint.arguments` records on the view what it accepts, `service_app` calls `refuse_unknown` before each request.
A field that is ignored in silence looks as if it worked: `?tema=Network` would list the rows of every team.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import marshmallow
from flask import Request

from service_kit.http.problems import Invalid

UNKNOWN = "Unknown field."
TWICE = "Given more than once."
_MARK = "accepted"


@dataclass(frozen=True)
class Accepted:
    """What a view accepts besides its path."""

    query: Mapping[str, bool] = field(default_factory=dict)
    """The fields of the query; true where one may be given several times."""
    body: bool = False


def accept(view: Any, *, query: marshmallow.Schema | None = None, body: bool = False) -> None:
    """Record on a view that it accepts the fields of a query, or a body, besides what is recorded already."""
    before = accepted(view)
    view.__dict__[_MARK] = Accepted({**before.query, **(_fields(query) if query else {})}, before.body or body)


def accepted(view: Any) -> Accepted:
    """Return what a view accepts."""
    found: Accepted = view.__dict__.get(_MARK, Accepted())
    return found


def refuse_unknown(request: Request, known: Accepted) -> None:
    """Raise Invalid naming each field of the query that the route does not know, or knows once and gets twice."""
    if not request.query_string:
        return
    errors = [
        {"field": name.replace("\x00", "\\u0000"), "message": UNKNOWN if name not in known.query else TWICE}
        for name, values in request.args.lists()
        if name not in known.query or (len(values) > 1 and not known.query[name])
    ]
    if errors:
        raise Invalid("The query can't be accepted.", errors=errors)


def _fields(schema: marshmallow.Schema) -> dict[str, bool]:
    return {
        each.data_key or name: isinstance(each, marshmallow.fields.List) for name, each in schema.load_fields.items()
    }
