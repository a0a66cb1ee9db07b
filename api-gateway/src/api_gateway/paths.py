"""Decodes the request target once into plain segments, and refuses targets with two readings."""

import re
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from service_kit.http.problems import Invalid, NotFound, Problem

MAX_TARGET_LENGTH = 4096
MAX_QUERY_FIELDS = 100

# A backslash, an encoded NUL and a slash doubled mean something else to each party that reads them.
_AMBIGUOUS = re.compile(r"//|\\|%00|[\x00-\x20\x7f#]|%(?![0-9a-f]{2})", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*\Z")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

Segments = tuple[str, ...]


def split_target(target: str) -> tuple[Segments, str]:
    """Return the decoded segments of a request target's path, and its query re-encoded.

    `target` is as it came over the wire, bytes as Latin-1 characters. One trailing slash is dropped. Raises NotFound
    for a path that could be read in two ways, Invalid (400) for such a query, a 414 problem for one that is too long.
    """
    if len(target) > MAX_TARGET_LENGTH:
        raise Problem("The address is too long.", status=414, code="uri_too_long")
    if not target.startswith("/"):
        # RFC 9112 lets a client name scheme and host too. Settings decide the upstream, so they are dropped.
        target = _ABSOLUTE.sub("", target, count=1)
    path, _, query = target.partition("?")
    return _segments(path), recode_query(query) if query else ""


def join(segments: Segments) -> str:
    """Return the path of decoded segments, encoded afresh."""
    return "/" + "/".join(quote(segment, safe="") for segment in segments)


def recode_query(raw: str) -> str:
    """Decode a query and encode it again, so that no value can be taken for another parameter; raises Invalid (400)."""
    if not raw.isascii():
        raw = _NOT_ASCII.sub(lambda found: f"%{ord(found[0]):02X}", raw)
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS, errors="strict")
    except ValueError as error:  # UnicodeDecodeError is one too
        raise Invalid("The query isn't UTF-8, or has too many fields.", code="bad_query") from error
    return urlencode(pairs)


def _segments(path: str) -> Segments:
    if path in ("", "/"):
        return ()
    plain = _PLAIN.match(path) is not None
    if path[0] != "/" or "//" in path or not (plain or _AMBIGUOUS.search(path) is None):
        raise _nothing()
    # Split before decoding: an encoded slash is part of a segment's value.
    parts = path[1:].removesuffix("/").split("/")
    segments = tuple(parts if plain else map(_decoded, parts))
    if "." in segments or ".." in segments:
        raise _nothing()
    return segments


def _decoded(segment: str) -> str:
    """Decode once."""
    try:
        decoded = unquote_to_bytes(segment.encode("latin-1")).decode("utf-8")
    except UnicodeError as error:
        raise _nothing() from error
    if _CONTROL.search(decoded):
        raise _nothing()
    return decoded


def _nothing() -> NotFound:
    # A path with two readings is 404: gateway and service could disagree about its meaning.
    return NotFound("There is nothing at this address.")
