"""Encrypts what the database must keep but not reveal: private keys and other secrets."""

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32


class CannotUnseal(Exception):
    """Something was sealed with another secret or for another purpose, or was changed since."""


class Sealer:
    """Seals bytes by AES-256-GCM, with a key per purpose that is derived from one secret (HKDF-SHA-256)."""

    def __init__(self, secret: bytes) -> None:
        """`secret` needs at least 128 bits that can't be guessed: a setting, or a token of 256 bits."""
        self._secret = secret
        self._key_for = lru_cache(maxsize=16)(self._derive)

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Return the nonce and the ciphertext; only the same secret and purpose unseal it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._key_for(purpose).encrypt(nonce, plain, None)

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """Return what was sealed; raise CannotUnseal."""
        try:
            return self._key_for(purpose).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise CannotUnseal(f"{purpose} was sealed with another secret") from error

    def _derive(self, purpose: str) -> AESGCM:
        return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self._secret))


class TextSealer:
    """Seals texts: secrets, and stored responses that show one (`service_kit.http.idempotency.Confidential`)."""

    PURPOSE = "stored response"

    def __init__(self, secret: bytes) -> None:
        """`secret` is the service's secret."""
        self._sealer = Sealer(secret)
        self._digest_key = hmac.digest(secret, b"smart-ticket request digest", hashlib.sha256)

    def seal_text(self, text: str) -> str:
        """Return the encrypted text in base64."""
        return base64.b64encode(self._sealer.seal(text.encode(), self.PURPOSE)).decode()

    def unseal_text(self, text: str) -> str:
        """Return the text that was encrypted; raise CannotUnseal."""
        try:
            sealed = base64.b64decode(text, validate=True)
        except ValueError as error:
            raise CannotUnseal("no sealed text") from error
        return self._sealer.unseal(sealed, self.PURPOSE).decode()

    def digest(self, content: bytes) -> bytes:
        """Return the HMAC-SHA-256 of a request's body."""
        return hmac.digest(self._digest_key, content, hashlib.sha256)
