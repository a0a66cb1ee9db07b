"""Device tokens: a successful login returns one, and later logins of the same person from that device send it back."""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

LIFETIME = timedelta(days=90)
PREFIX = "std_"
_ID_BYTES = 16
_TIME_BYTES = 5
_DIGEST_BYTES = 32
_TOKEN_CHARACTERS = len(PREFIX) + 71


class DeviceTokens:
    """Makes and reads device tokens: an id and an expiry, authenticated together with the name that logged in."""

    def __init__(self, secret: bytes) -> None:
        """`secret` is the service's secret of 32 bytes; the key for tokens is derived from it."""
        self._secret = hmac.digest(secret, b"smart-ticket device token", hashlib.sha256)

    def make(self, name: bytes, now: datetime, *, device: bytes | None = None) -> str:
        """Return a token of a new device, or of `device` with a new expiry; `name` is the digest of the address."""
        identity = device or secrets.token_bytes(_ID_BYTES)
        content = identity + int((now + LIFETIME).timestamp()).to_bytes(_TIME_BYTES, "big")
        token = base64.urlsafe_b64encode(content + self._digest(name, content)).rstrip(b"=").decode()
        return PREFIX + token

    def read(self, token: str | None, name: bytes, now: datetime) -> bytes | None:
        """Return the device's id; None for an expired or malformed token and for one of another name."""
        if token is None or len(token) != _TOKEN_CHARACTERS or not token.startswith(PREFIX):
            return None
        try:
            raw = base64.b64decode(token[len(PREFIX) :] + "=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        content, digest = raw[:-_DIGEST_BYTES], raw[-_DIGEST_BYTES:]
        if not hmac.compare_digest(digest, self._digest(name, content)):
            return None
        expires = int.from_bytes(content[_ID_BYTES:], "big")
        return content[:_ID_BYTES] if now.timestamp() < expires else None

    def _digest(self, name: bytes, content: bytes) -> bytes:
        return hmac.digest(self._secret, len(name).to_bytes(4, "big") + name + content, hashlib.sha256)
