"""The signature of a partner's callback, as Standard Webhooks has it: HMAC-SHA256 of its id, its time and its body."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

ID_HEADER, TIME_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
SCHEME = "v1"
MAX_ID_CHARACTERS = 255
MAX_TIME_DIGITS = 11
MAX_SIGNATURES = 10
"""A partner that changes its secret signs with several."""


class BadSignature(Exception):
    """A callback that isn't signed as it must be; the text names the header."""


def key_of(secret: str) -> bytes:
    """Return the key of a secret: base64 after `whsec_`, else the text itself. Raises ValueError."""
    if secret.startswith(PREFIX):
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    return secret.encode()


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a body that is sent at a time, in seconds of Unix time."""
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, "sha256")
    return f"{SCHEME},{base64.b64encode(digest).decode()}"


def check(
    headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], *, now: datetime, tolerance: timedelta
) -> None:
    """Raise BadSignature for a callback that none of the keys has signed, or that is not of now."""
    message_id, sent, given = (headers.get(name, "") for name in (ID_HEADER, TIME_HEADER, SIGNATURE_HEADER))
    if not (message_id.isascii() and message_id.isprintable() and 1 <= len(message_id) <= MAX_ID_CHARACTERS):
        raise BadSignature(f"{ID_HEADER}: must be 1 to {MAX_ID_CHARACTERS} visible ASCII characters")
    if not (sent.isascii() and sent.isdigit() and len(sent) <= MAX_TIME_DIGITS):
        raise BadSignature(f"{TIME_HEADER}: must be the time of sending in seconds of Unix time")
    # Bytes, because compare_digest refuses texts that are not ASCII.
    signatures = [each.encode("utf-8", "replace") for each in given.split()[:MAX_SIGNATURES]]
    expected = [sign(key, message_id, int(sent), body).encode() for key in keys]
    if not any(hmac.compare_digest(one, other) for one in expected for other in signatures):
        raise BadSignature(f"{SIGNATURE_HEADER}: is not the signature of this message")
    # A copy of an earlier message is worth nothing after that time; within it, a decided request stays as it is.
    if abs(now.timestamp() - int(sent)) > tolerance.total_seconds():
        raise BadSignature(f"{TIME_HEADER}: lies more than {tolerance.total_seconds():.0f} s from the present time")
