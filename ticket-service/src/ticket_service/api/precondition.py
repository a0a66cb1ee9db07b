"""`If-Match` and `ETag`: optimistic locking by a ticket's version."""

import re

from flask import request
from service_kit.http.problems import Invalid

from ticket_service.domain.ticket import Expected

ONE_TAG = r'(?:W/)?"[^"]*"'
TAGS = re.compile(rf"\s*{ONE_TAG}\s*(?:,\s*{ONE_TAG}\s*)*")
STRONG_VERSION = re.compile(r'(?<!W/)"(\d{1,10})"')


def etag(version: int) -> str:
    """Return a version as an entity tag."""
    return f'"{version}"'


def expected(version: int | None = None) -> Expected:
    """Return the version that the caller expects, from `If-Match` and the body's `version`; raise Invalid.

    Weak tags never match, because `If-Match` requires the strong comparison.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return Expected(None, version)
    if header.strip().isdigit() and header.isascii():
        # An unquoted number is accepted: people type it, and it is unambiguous.
        return Expected(frozenset({int(header[:12])}), version)
    if not TAGS.fullmatch(header):
        raise Invalid(
            "If-Match must be the ETag of the ticket.",
            errors=[{"field": "If-Match", "message": 'Not an entity tag; write the ETag as it came: "3".'}],
        )
    return Expected(frozenset(int(number) for number in STRONG_VERSION.findall(header)), version)
