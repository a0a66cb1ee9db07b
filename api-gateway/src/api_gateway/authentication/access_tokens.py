"""Verifies access tokens by a copy of auth-service's public keys."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from service_kit.identity import BadKey, BadToken
from service_kit.telemetry.logs import get_logger

from api_gateway.authentication.access_token_verifier import (
    AccessToken,
    AccessTokenVerifier,
    ExpiredToken,
    UnknownKey,
)
from api_gateway.authentication.auth_service import AuthServiceFailed, unavailable
from api_gateway.authentication.identity import Identity, expired_token, invalid_token

UNKNOWN_KEY_SECONDS = 30.0

log = get_logger(__name__)


class AccessTokens:
    """Verifies access tokens. When auth-service is down, the last copy of its keys goes on verifying."""

    def __init__(
        self, issuer: str, fetch: Callable[[], Mapping[str, Any]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`fetch` returns auth-service's JSON Web Key Set; it raises AuthServiceFailed."""
        self._verifier = AccessTokenVerifier(issuer)
        self._fetch = fetch
        self._clock = clock
        self._asked_at = -UNKNOWN_KEY_SECONDS
        self._lock = threading.Lock()
        self._known = False

    def refresh(self) -> None:
        """Fetch the keys. Raises AuthServiceFailed and BadKey; the keys of before then stay."""
        self._verifier.replace_keys(self._fetch())
        self._known = True

    def identify(self, token: str) -> Identity:
        """Return the token's owner; raise Unauthorized (401), or Unavailable (503) where no keys were ever fetched."""
        if not self._known:
            raise unavailable()
        verified = self._verify(token)
        return Identity(verified.caller, verified.issued_at, expires_at=verified.expires_at)

    def _verify(self, token: str) -> AccessToken:
        try:
            try:
                return self._verifier.verify(token)
            except UnknownKey:
                self._refresh_for_unknown_key()
                return self._verifier.verify(token)
        except ExpiredToken as error:
            raise expired_token() from error
        except BadToken as error:
            log.info("access token refused", reason=str(error))
            raise invalid_token() from error

    def _refresh_for_unknown_key(self) -> None:
        """Fetch the keys, at most once in 30 seconds: forged tokens must not become requests to auth-service."""
        with self._lock:
            if self._clock() - self._asked_at < UNKNOWN_KEY_SECONDS:
                return
            self._asked_at = self._clock()
            try:
                self.refresh()
            except (AuthServiceFailed, BadKey) as error:
                log.warning("keys can't be fetched", reason=str(error))
