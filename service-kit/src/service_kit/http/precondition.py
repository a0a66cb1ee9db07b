"""`ETag`, `If-Match` and `If-None-Match` (RFC 9110): changes that nobody's later change is lost by.

An endpoint is marked by `@conditional`, creates `precondition = read_precondition(lambda row: etag(row.revision))` and
passes it to its use case, which calls `precondition.check(row)` in the transaction of the change, after it has locked
the row. A record without a version has the digest of its view as its tag: `lambda row: digest_tag(view(row))`.

The GET of a single record carries its tag and answers 304 to an `If-None-Match` that names it.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from flask import Response, request

from service_kit.http.blueprint import dumps
from service_kit.http.problems import Invalid, PreconditionFailed
from service_kit.http.strictness import accept

ONE_TAG = r'(?:W/)?"[^"]*"'
TAGS = re.compile(rf"\s*{ONE_TAG}\s*(?:,\s*{ONE_TAG}\s*)*")
TAG = re.compile(r'(W/)?"([^"-]*)[^"]*"')
"""The second group is the part that counts: a tag `"7-5f2c"` joins a version and a digest of the whole record."""

Record = TypeVar("Record")
View = TypeVar("View", bound=Callable[..., Any])


def conditional(view: View) -> View:
    """Declare that a view checks `If-Match`. Elsewhere a change that sends a tag is 412, because no tag can match."""
    accept(view, if_match=True)
    return view


def etag(version: int | str, body: bytes | None = None) -> str:
    """Return a version as an entity tag; with the digest of `body` where some changes of it raise no version."""
    return f'"{version}"' if body is None else f'"{version}-{_digest(body)}"'


def digest_tag(view: Any) -> str:
    """Return the entity tag of a record that has no version, from its view or its body."""
    return etag(_digest(view if isinstance(view, bytes) else dumps(view)))


class Precondition(Generic[Record]):
    """The current request's `If-Match`."""

    def __init__(self, tag_of: Callable[[Record], str], accepted: frozenset[str] | None) -> None:
        self._tag_of = tag_of
        self._accepted = accepted

    def check(self, current: Record) -> None:
        """Raise a 412 problem unless the locked record is one that the caller expects."""
        if self._accepted is not None and self._tag_of(current).strip('"') not in self._accepted:
            raise PreconditionFailed


def read_precondition(tag_of: Callable[[Record], str]) -> Precondition[Record]:
    """Return the current request's precondition; `tag_of` returns a record's tag. Raises Invalid."""
    return Precondition(tag_of, if_match())


def if_match() -> frozenset[str] | None:
    """Return the tags that the request accepts, without quotes; None for any. Raise Invalid for a malformed header.

    Weak tags never match, because `If-Match` requires the strong comparison.
    """
    try:
        return accepted_tags(request.headers.get("If-Match", "*"))
    except ValueError as error:
        raise Invalid(
            "If-Match must be the ETag of what is changed.", errors=[{"field": "If-Match", "message": str(error)}]
        ) from error


def accepted_tags(text: str) -> frozenset[str] | None:
    """Return the tags that a value of `If-Match` accepts, as `if_match` does; raise ValueError for a malformed one."""
    text = text.strip()
    if text == "*":
        return None
    if text.isdigit() and text.isascii():
        # An unquoted number is accepted: people type it, and it is unambiguous.
        return frozenset({text})
    if not TAGS.fullmatch(text):
        raise ValueError('Not an entity tag; write the ETag as it came: "3".')
    return frozenset(tag for weak, tag in TAG.findall(text) if not weak)


def tag_record(response: Response) -> Response:
    """Give a record's response its tag, unless it has one, and answer 304 where the caller has this version."""
    if "ETag" not in response.headers:
        response.headers["ETag"] = digest_tag(response.get_data())
    if "If-None-Match" in request.headers:
        response.make_conditional(request.environ)
    return response


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=12).hexdigest()
