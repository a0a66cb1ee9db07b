"""The signature of an HDTS message: HMAC-SHA256 of the time at which it was sent and its unpacked body."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

TIMESTAMP_HEADER, SIGNATURE_HEADER = "x-hdts-timestamp", "x-hdts-signature"
MAX_TIMESTAMP_DIGITS = 11
"""Up to the year 5138."""


class BadSignature(Exception):
    """A message that isn't signed as it must be; the text names the header."""


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a body sent at a time (seconds of Unix time), as lower-case hexadecimal digits."""
    return hmac.digest(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hex()


def check(
    headers: Mapping[str, Any], body: bytes, secrets: Sequence[str], *, now: datetime, max_future: timedelta
) -> datetime | None:
    """Return when a message was sent, None where its sender doesn't say so; raise BadSignature.

    Without `secrets` no signature is needed. Any of several secrets will do, so that senders change theirs one by one.
    An old message is accepted, because it may have waited in the queue; a repeated one changes nothing.
    """
    given = _text(headers.get(TIMESTAMP_HEADER))
    known = given is not None and given.isascii() and given.isdigit() and len(given) <= MAX_TIMESTAMP_DIGITS
    if not known and secrets:
        raise BadSignature(f"{TIMESTAMP_HEADER}: must be the time of sending in seconds of Unix time")
    if secrets:
        signature = _text(headers.get(SIGNATURE_HEADER)) or ""
        # Bytes, because compare_digest refuses texts that are not ASCII.
        expected = [sign(secret, int(given or ""), body).encode() for secret in secrets]
        found = signature.strip().lower().encode("utf-8", "replace")
        if not any(hmac.compare_digest(each, found) for each in expected):
            raise BadSignature(f"{SIGNATURE_HEADER}: is not the signature of this message")
    if not known:
        return None
    sent_at = datetime.fromtimestamp(int(given or ""), UTC)
    if sent_at > now + max_future:
        raise BadSignature(f"{TIMESTAMP_HEADER}: lies in the future")
    return sent_at


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
