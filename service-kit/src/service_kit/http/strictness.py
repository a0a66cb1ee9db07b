"""Refuses unknown query fields, unexpected bodies and tags that can't match, for every route of every service.

`Blueprint.arguments` records the accepted fields on the view, `service_app` calls `refuse_unknown` for each request.
A silently ignored field would mislead the client: `?tema=Network` would list the rows of every team.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import marshmallow
import orjson
from flask import Request

from service_kit.http.problems import Invalid, PreconditionFailed, Problem

UNKNOWN = "Unknown field."
TWICE = "Given more than once."
NO_BODY = "This address takes no body."
BODYLESS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_NAMED_FIELDS = 100
MAX_NAMED_CHARACTERS = 100
_MARK = "accepted"


@dataclass(frozen=True)
class Accepted:
    """The query fields, the body and the precondition that a view accepts."""

    query: Mapping[str, bool] = field(default_factory=dict)
    """The names of the query fields; true where a field may be repeated."""
    body: bool = False
    if_match: bool = False


def accept(view: Any, *, query: marshmallow.Schema | None = None, body: bool = False, if_match: bool = False) -> None:
    """Record on a view that it accepts the fields of a query schema, a body or `If-Match`, beside earlier records."""
    before, more = accepted(view), _fields(query) if query else {}
    view.__dict__[_MARK] = Accepted({**before.query, **more}, before.body or body, before.if_match or if_match)


def accepted(view: Any) -> Accepted:
    """Return the recorded query fields and body of a view."""
    recorded: Accepted = view.__dict__.get(_MARK, Accepted())
    return recorded


def refuse_unknown(request: Request, allowed: Accepted) -> None:
    """Raise Invalid for unknown query fields or an unexpected body, and a 415 problem for an encoded body.

    Raises PreconditionFailed for an `If-Match` with tags where the view checks none: its record has no tag.
    """
    if request.query_string:
        _refuse_query(request, allowed)
    if request.method in BODYLESS:
        return
    refuse_encoding(request.environ.get("HTTP_CONTENT_ENCODING"))
    if not allowed.if_match and request.environ.get("HTTP_IF_MATCH", "*").strip() != "*":
        raise PreconditionFailed
    if not allowed.body:
        _refuse_body(request)


def refuse_encoding(header: str | None) -> None:
    """Raise a 415 problem for a body with a content coding (RFC 9110, 15.5.16)."""
    codings = [coding.strip().lower() for coding in (header or "").split(",")]
    named = ", ".join(coding for coding in codings if coding not in {"", "identity"})[:MAX_NAMED_CHARACTERS]
    if named:
        message = f"Bodies encoded by {named} are not accepted; send the body as it is."
        raise Problem(
            message,
            status=415,
            code="unsupported_media_type",
            errors=[{"field": "Content-Encoding", "message": message}],
            headers={"Accept-Encoding": "identity"},
        )


def _refuse_body(request: Request) -> None:
    """Raise Invalid for a body where the route accepts none. An empty object is accepted."""
    raw = request.get_data()
    if not raw.strip():
        return
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = None
    if value == {}:
        return
    fields = value if isinstance(value, dict) else [*request.form, *request.files]
    errors = [{"field": _printable(str(name)), "message": UNKNOWN} for name in fields][:MAX_NAMED_FIELDS]
    raise Invalid(NO_BODY, errors=errors or [{"field": "body", "message": NO_BODY}])


def _refuse_query(request: Request, allowed: Accepted) -> None:
    errors = [
        {"field": _printable(name), "message": UNKNOWN if name not in allowed.query else TWICE}
        for name, values in request.args.lists()
        if name not in allowed.query or (len(values) > 1 and not allowed.query[name])
    ]
    if errors:
        raise Invalid("The query can't be accepted.", errors=errors)


def _printable(name: str) -> str:
    return name.replace("\x00", "\\u0000")


def _fields(schema: marshmallow.Schema) -> dict[str, bool]:
    return {
        field.data_key or name: isinstance(field, marshmallow.fields.List) for name, field in schema.load_fields.items()
    }
