"""Cursor pagination: an opaque cursor, a limit, a Link to the next page. No offsets, no totals."""

import base64
import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from flask import request
from marshmallow import Schema, ValidationError, fields, validate

from service_kit.http.problems import Invalid

DEFAULT_LIMIT = 25
MAX_LIMIT = 100
MAX_CURSOR_CHARACTERS = 1000

Row = TypeVar("Row")
_FIELDS: Mapping[type, fields.Field[Any]] = {
    int: fields.Integer(strict=True, validate=validate.Range(-(2**63), 2**63 - 1)),
    float: fields.Float(),
    str: fields.String(validate=validate.ContainsNoneOf("\x00")),
    datetime.datetime: fields.AwareDateTime(),
    uuid.UUID: fields.UUID(),
}
"""The fields that check the values of a cursor, by type; PostgreSQL can store all that they accept."""


class PageQuery(Schema):
    """The query parameters of every list; subclass it to add filters."""

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(1, MAX_LIMIT),
        metadata={"description": f"Maximum number of rows, 1 to {MAX_LIMIT}."},
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=MAX_CURSOR_CHARACTERS),
        metadata={"description": "The value of `next` on the previous page."},
    )


class PageView(Schema):
    """The fields of every page; subclass it to add the rows."""

    count = fields.Integer(required=True, metadata={"description": "Number of rows on this page."})
    next = fields.String(required=True, allow_none=True, metadata={"description": "The next page's cursor."})


def encode_cursor(values: Sequence[Any]) -> str:
    """Return an opaque cursor for the last row's sort values: numbers, text, datetimes, UUIDs."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values), option=orjson.OPT_UTC_Z)).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, types: Sequence[type]) -> tuple[Any, ...] | None:
    """Return the values of a cursor, None without one; raise Invalid for a malformed cursor.

    `types` are the types of the encoded values: int, float, str, datetime.datetime or uuid.UUID.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = orjson.loads(raw)
        if not isinstance(values, list) or len(values) != len(types):
            raise ValueError("wrong number of values")
        return tuple(_FIELDS[kind].deserialize(value) for value, kind in zip(values, types, strict=True))
    except (ValueError, ValidationError) as error:
        raise Invalid(
            "The cursor is not valid.",
            errors=[{"field": "cursor", "message": "Not a cursor; leave it out to begin with the first page."}],
        ) from error


def page(
    rows: Sequence[Row], limit: int, cursor_of: Any, key: str, shown: Sequence[Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the body {count, <key>, next} and the headers of a page: `Link: rel=next` where there is a next page.

    `rows` holds up to one row more than `limit`; the extra row means that there is a next page. `cursor_of(row)`
    returns the sort values of a row. `shown` holds the formatted rows, with or without the extra one.
    """
    next_cursor = encode_cursor(cursor_of(rows[limit - 1])) if len(rows) > limit else None
    items = list(shown[:limit])
    body = {"count": len(items), key: items, "next": next_cursor}
    if next_cursor is None:
        return body, {}
    query: Mapping[str, Any] = {**request.args.to_dict(flat=False), "cursor": next_cursor}
    return body, {"Link": f'<{request.path}?{urlencode(query, doseq=True)}>; rel="next"'}
