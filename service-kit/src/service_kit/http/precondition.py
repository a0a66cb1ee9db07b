"""`If-Match` and `ETag`: optimistic locking by a row's version."""

import re

from flask import request

from service_kit.http.problems import Invalid

ONE_TAG = r'(?:W/)?"[^"]*"'
TAGS = re.compile(rf"\s*{ONE_TAG}\s*(?:,\s*{ONE_TAG}\s*)*")
STRONG_VERSION = re.compile(r'(?<!W/)"(\d{1,10})"')


def etag(version: int) -> str:
    """Return a version as an entity tag."""
    return f'"{version}"'


def if_match() -> frozenset[int] | None:
    """Return the versions that the current request accepts, None for any; raise Invalid for a malformed `If-Match`.

    Weak tags never match, because `If-Match` requires the strong comparison.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    if header.strip().isdigit() and header.isascii():
        # An unquoted number is accepted: people type it, and it is unambiguous.
        return frozenset({int(header[:12])})
    if not TAGS.fullmatch(header):
        raise Invalid(
            "If-Match must be the ETag of what is changed.",
            errors=[{"field": "If-Match", "message": 'Not an entity tag; write the ETag as it came: "3".'}],
        )
    return frozenset(int(number) for number in STRONG_VERSION.findall(header))
