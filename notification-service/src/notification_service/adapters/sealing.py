"""Encrypts the secrets of webhooks in the database, by Fernet (AES-128-CBC and HMAC-SHA-256)."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from notification_service.ports import CannotUnseal


class FernetSealer:
    """Seals texts with a key that is derived from one secret."""

    def __init__(self, secret: bytes) -> None:
        """`secret` has at least 128 bits that can't be guessed."""
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"webhooks: seal", hashlib.sha256)))
        self._digest_key = hmac.digest(secret, b"webhooks: digest", hashlib.sha256)

    def seal_text(self, text: str) -> str:
        """Return the encrypted text."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal_text(self, text: str) -> str:
        """Return the text that was encrypted; raise CannotUnseal."""
        try:
            return self._fernet.decrypt(text.encode()).decode()
        except InvalidToken:
            raise CannotUnseal("sealed with another secret") from None

    def digest(self, content: bytes) -> bytes:
        """Return the HMAC-SHA-256 of a request's body."""
        return hmac.digest(self._digest_key, content, hashlib.sha256)
