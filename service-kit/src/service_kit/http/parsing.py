"""Strict parsing of requests: JSON (RFC 8259), text that PostgreSQL can store, bounded nesting.

A few searches in the raw bytes check a valid body; only a suspicious one is walked value by value.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import marshmallow
import orjson
from flask import Request
from webargs.flaskparser import FlaskParser

from service_kit.http.problems import Invalid, Problem

MAX_DEPTH = 32
TOO_DEEP = f"Nested deeper than {MAX_DEPTH} levels."
BODY = "body"
OPTIONAL = "is_optional_body"
"""The mark of a schema instance whose body may be left out."""
NUL_MESSAGE = "NUL characters are not allowed."
SURROGATE_MESSAGE = "Lone surrogates are not allowed: the text is not valid Unicode."
_SURROGATE = re.compile("[\ud800-\udfff]")


class StrictParser(FlaskParser):
    """Reads bodies and queries for `Blueprint.arguments`; an error becomes a 400 that names the field."""

    DEFAULT_VALIDATION_STATUS = 400

    def load_json(self, req: Request, schema: marshmallow.Schema) -> Any:
        """Return the request's JSON object; raise Invalid, or a 415 or 413 problem."""
        if OPTIONAL in vars(schema) and not req.get_data(cache=True):
            return {}
        return _read_json(req)

    def load_querystring(self, req: Request, schema: marshmallow.Schema) -> Any:
        """Return the query's parameters; raise Invalid for NUL characters."""
        refuse_nul_in_query(req)
        return self._makeproxy(req.args, schema)

    def handle_error(self, error: marshmallow.ValidationError, *_arguments: Any, **_options: Any) -> NoReturn:
        """Raise Invalid with marshmallow's nested messages as a flat list of fields."""
        messages = error.messages if isinstance(error.messages, dict) else {}
        errors = [item for per_location in messages.values() for item in field_errors(per_location)]
        raise Invalid("Some fields are not valid.", errors=errors) from error


def _read_json(req: Request) -> dict[str, Any]:
    """Return the JSON object in the body of a request; raise Invalid, or a 415 or 413 problem."""
    raw = req.get_data(cache=True)  # raises RequestEntityTooLarge, chunked bodies included
    _refuse_other_media_type(req, raw)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _json_error(raw, error) from error
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.", errors=[{"field": BODY, "message": "Must be a JSON object."}])
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
        for name, top in value.items():
            if _is_deeper(top, MAX_DEPTH - 1):
                raise Invalid(TOO_DEEP, errors=[{"field": name, "message": TOO_DEEP}])
    if b"\\u0000" in raw:
        refuse_text(value)
    return value


def refuse_text(value: Any) -> None:
    """Raise Invalid where any text in `value` contains NUL or a lone surrogate."""
    if errors := list(_bad_texts(value)):
        raise Invalid("Some texts hold characters that can't be stored.", errors=errors)


def refuse_nul_in_query(req: Request) -> None:
    """Raise Invalid where a query parameter contains NUL, which PostgreSQL can't store or compare."""
    if b"%00" not in req.query_string and b"\x00" not in req.query_string:
        return
    names = [name for name, value in req.args.items(multi=True) if "\x00" in value or "\x00" in name]
    if names:
        raise Invalid(
            "Some parameters hold characters that can't be stored.",
            errors=[{"field": name.replace("\x00", "\\u0000"), "message": NUL_MESSAGE} for name in names],
        )


def field_errors(messages: Any, prefix: str = "") -> list[dict[str, str]]:
    """Flatten marshmallow's messages to [{field, message}], one per field; dots join names: `metadata.items.3.name`."""
    if isinstance(messages, Mapping):
        return [
            item
            for name, inner in messages.items()
            for item in field_errors(
                inner, prefix if name == "_schema" else f"{prefix}.{name}" if prefix else str(name)
            )
        ]
    if isinstance(messages, list):
        return [{"field": prefix or BODY, "message": " ".join(dict.fromkeys(map(str, messages)))}]
    return [{"field": prefix or BODY, "message": str(messages)}]


def _refuse_other_media_type(req: Request, raw: bytes) -> None:
    mimetype = req.mimetype
    charset = req.mimetype_params.get("charset", "utf-8").lower()
    if charset in {"utf-8", "utf8"} and mimetype == "application/json":
        return
    if not raw and not mimetype:
        raise Invalid("A JSON body is needed.", errors=[{"field": BODY, "message": "Missing."}])
    raise Problem("The body must be application/json in UTF-8.", status=415, code="unsupported_media_type")


def _json_error(raw: bytes, error: orjson.JSONDecodeError) -> Invalid:
    """Return the error for a body that orjson refuses; it names the field of a lone surrogate."""
    detail = "The body is not valid JSON." if raw else "A JSON body is needed."
    try:
        if errors := list(_bad_texts(json.loads(raw.decode("utf-8", "surrogatepass")))):
            return Invalid("Some texts are not valid Unicode.", errors=errors)
    except (ValueError, RecursionError):
        if "depth" in str(error):
            detail = TOO_DEEP
    return Invalid(detail, errors=[{"field": BODY, "message": f"Not valid JSON: {error}"[:200]}])


def _is_deeper(value: Any, levels: int) -> bool:
    """Return whether objects and arrays nest deeper than `levels`, which also bounds the recursion."""
    if not isinstance(value, dict | list):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in inside)


def _bad_texts(value: Any) -> Iterator[dict[str, str]]:
    """Yield the fields whose text can't be stored. A loop, because input controls the depth."""
    stack = [("", value)]
    while stack:
        where, item = stack.pop()
        if isinstance(item, str):
            if "\x00" in item:
                yield {"field": where or BODY, "message": NUL_MESSAGE}
            elif _SURROGATE.search(item):
                yield {"field": where or BODY, "message": SURROGATE_MESSAGE}
        elif isinstance(item, dict):
            for name, inner in item.items():
                shown = name.encode("utf-8", "replace").decode().replace("\x00", "\\u0000")
                inside = f"{where}.{shown}" if where else shown
                stack += [(inside, name), (inside, inner)]
        elif isinstance(item, list):
            stack += [(f"{where}.{index}" if where else str(index), inner) for index, inner in enumerate(item)]
