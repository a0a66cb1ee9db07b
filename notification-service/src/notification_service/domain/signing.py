"""Signatures of Standard Webhooks 1.0.0: HMAC-SHA-256 of the message's id, the time and the body."""

import base64
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32


def secret_of(key: bytes) -> str:
    """Return a key as receivers enter it."""
    return PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """Return the key of a secret; raise ValueError for what is none."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def sign(key: bytes, message_id: str, seconds: int, body: bytes) -> str:
    """Return one signature; `seconds` is the time of this try since 1970."""
    content = f"{message_id}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def signed_headers(keys: Sequence[bytes], message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the headers of a message, with a signature by each key: the new and the former one after a rotation."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(sign(key, message_id, seconds, body) for key in keys),
    }
