"""Reads a request's body, whole or in pieces, up to a limit.

The server has received the body before the gateway sees the request, so reading never waits for the client.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from service_kit.http.problems import Invalid, Problem

MAX_BODY_BYTES = 1024 * 1024
MAX_UPLOAD_BYTES = 25 * 1024 * 1024 + 64 * 1024
"""A file of 25 MiB and the multipart form around it."""
UPLOAD_SECONDS = 60.0
CHUNK_BYTES = 64 * 1024
BODYLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class TooLarge(Problem):
    """413: the body is over the limit."""

    status, code = 413, "too_large"


def read_body(environ: Mapping[str, Any], limit: int = MAX_BODY_BYTES) -> bytes:
    """Return the body; raise TooLarge (413), or Invalid (400) for a truncated or malformed body.

    A declared length over the limit is refused before a byte is read; a chunked body is cut at the limit.
    """
    length = declared_length(environ, limit)
    if length == 0:
        return b""
    parts = list(_pieces(environ["wsgi.input"], length, limit))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def account_in(body: bytes) -> str | None:
    """Return the e-mail address in a JSON body, None for a body without one, which the service refuses."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    account = value.get("email") if isinstance(value, dict) else None
    return account if isinstance(account, str) else None


def body_in_pieces(environ: Mapping[str, Any], limit: int) -> Iterator[bytes]:
    """Yield the body in pieces. Raises as `read_body`; for a chunked body after the first pieces."""
    return _pieces(environ["wsgi.input"], declared_length(environ, limit), limit)


def declared_length(environ: Mapping[str, Any], limit: int) -> int | None:
    """Return the declared length in bytes, None for a chunked body; raise TooLarge (413) or Invalid (400)."""
    declared = environ.get("CONTENT_LENGTH") or ""
    if not declared:
        return None if environ.get("HTTP_TRANSFER_ENCODING") else 0
    if not (declared.isascii() and declared.isdigit()):
        raise Invalid("Content-Length isn't a number.", code="bad_body")
    if int(declared) > limit:
        raise _too_large(limit)
    return int(declared)


def _pieces(stream: Any, length: int | None, limit: int) -> Iterator[bytes]:
    size = 0
    # One byte over the limit is read, which distinguishes a body that is too large from one that just fits.
    wanted = limit + 1 if length is None else length
    while size < wanted:
        try:
            part = stream.read(min(CHUNK_BYTES, wanted - size))
        except Exception as error:
            # Each server has errors of its own for a stream that breaks or is no proper chunked encoding.
            raise Invalid("The body is cut off or not properly encoded.", code="bad_body") from error
        if not part:
            break
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        yield part
    if length is not None and size < length:
        raise Invalid("The body is shorter than Content-Length says.", code="bad_body")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes.")
