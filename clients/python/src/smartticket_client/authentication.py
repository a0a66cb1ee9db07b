"""Credentials: an API key, or a login whose tokens are refreshed."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from smartticket_client.errors import Unauthorized

REFRESH_BEFORE_SECONDS = 30.0
"""A token is refreshed this long before its end, so that it doesn't end on its way."""

Post = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Sends a JSON body to a path without credentials and returns the answer; raises Problem."""


class Credentials(Protocol):
    """Gives the bearer token of each request."""

    def token(self, post: Post) -> str | None:
        """Return the token to send now, None to send none; `post` may be used to get one."""

    def renew(self, refused: str | None, post: Post) -> bool:
        """Get another token in place of a refused one; return whether there is one to try."""


class NoCredentials:
    """Sends no token: what development mode and public routes need."""

    def token(self, post: Post) -> str | None:
        """Return None."""
        return None

    def renew(self, refused: str | None, post: Post) -> bool:
        """Return False."""
        return False


class ApiKey:
    """An API key (`stk_…`), or any other bearer token that doesn't change."""

    def __init__(self, key: str) -> None:
        self._key = key

    def token(self, post: Post) -> str | None:
        """Return the key."""
        return self._key

    def renew(self, refused: str | None, post: Post) -> bool:
        """Return False: a refused key stays refused."""
        return False


class Login:
    """A person's login. It logs in at the first request, refreshes the tokens, and logs in again where that fails.

    `totp` is the second factor, a code or a function that asks for one. Thread-safe: a refresh token works once, so one
    thread refreshes and the others wait for its result.
    """

    def __init__(self, email: str, password: str, totp: str | Callable[[], str] | None = None) -> None:
        self._email, self._password, self._totp = email, password, totp
        self._lock = threading.Lock()
        self._access: str | None = None
        self._refresh: str | None = None
        self._device: str | None = None
        self._ends_at = 0.0

    def token(self, post: Post) -> str | None:
        """Return the access token, a new one where the last is about to end."""
        with self._lock:
            if self._access is None or time.monotonic() > self._ends_at - REFRESH_BEFORE_SECONDS:
                self._next(post)
            return self._access

    def renew(self, refused: str | None, post: Post) -> bool:
        """Get the next access token, unless another thread has replaced the refused one already."""
        with self._lock:
            if self._access == refused:
                self._next(post)
            return True

    def log_out(self, post: Post) -> None:
        """End the session, if there is one."""
        with self._lock:
            refresh, self._access, self._refresh = self._refresh, None, None
            if refresh is not None:
                post("/api/auth/logout", {"refresh_token": refresh})

    def _next(self, post: Post) -> None:
        refresh, self._access, self._refresh = self._refresh, None, None
        if refresh is not None:
            try:
                self._store(post("/api/auth/refresh", {"refresh_token": refresh}))
            except Unauthorized:
                pass
            else:
                return
        body: dict[str, Any] = {"email": self._email, "password": self._password}
        if self._totp is not None:
            body["totp"] = self._totp if isinstance(self._totp, str) else self._totp()
        if self._device is not None:
            body["device_token"] = self._device
        self._store(post("/api/auth/login", body))

    def _store(self, answer: Mapping[str, Any]) -> None:
        self._access, self._refresh = answer["access_token"], answer["refresh_token"]
        self._ends_at = time.monotonic() + float(answer["expires_in"])
        self._device = answer.get("device_token") or self._device
