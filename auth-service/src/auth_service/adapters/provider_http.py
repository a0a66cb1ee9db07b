"""Calls to the servers of identity providers: few at once, and none to a server that fails."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from cachetools import LRUCache
from outbound_kit.addresses import Network
from outbound_kit.client import AddressRefused, CallFailed, OutboundHttp, Permissions
from outbound_kit.name_resolution import ResolverBusy
from service_kit.circuit_breaker import CircuitBreaker, CircuitOpen

from auth_service.domain.sso_connection import endpoint_fault

MAX_BREAKERS = 1000
BREAKER_SECONDS = (5.0, 60.0)
BUSY_SECONDS = 2
LOOKUPS_PER_CALL = 4
"""Late look-ups go on after their calls, so more of them are allowed: other companies' names are still resolved."""


class ProviderUnavailable(Exception):
    """The provider can't be reached, is too slow or answers with an error of its own; the reason is for the log."""

    def __init__(self, reason: str, retry_after: float = 10.0) -> None:
        super().__init__("Your identity provider can't be reached at the moment. Start the sign-in again shortly.")
        self.reason, self.retry_after_seconds = reason, max(round(retry_after), 1)


class ProviderFaulty(Exception):
    """The provider's address or answer can't be used as it is; the reason is for the log and for admins."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "The connection to your identity provider is not set up correctly. Ask an admin of your company."
        )
        self.reason = reason


class Answer(NamedTuple):
    """A provider's answer."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Limits:
    """The limits of calls to providers."""

    deadline_seconds: float
    max_bytes: int
    max_calls: int
    allowed_networks: Sequence[Network]
    development: bool


class ProviderHttp:
    """Calls providers; threads share it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        permissions = Permissions(limits.allowed_networks, limits.development)
        self.http = OutboundHttp(permissions, max_lookups=LOOKUPS_PER_CALL * limits.max_calls)
        self._slots = threading.BoundedSemaphore(limits.max_calls)
        self._breakers: LRUCache[str, CircuitBreaker] = LRUCache(MAX_BREAKERS)
        self._lock = threading.Lock()

    def call(
        self, method: str, url: str, *, until: float, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        """Send a request and return the answer; `until` is in the seconds of `time.monotonic`.

        Raises ProviderUnavailable, and ProviderFaulty for an address that may not be called, a redirect or an answer
        over the limit of size.
        """
        fault = endpoint_fault(url, development=self.limits.development)
        if fault is not None:
            raise ProviderFaulty(f"{url[:200]}: {fault}")
        parts = urlsplit(url)
        breaker = self._breaker(parts.netloc)
        try:
            breaker.admit()
        except CircuitOpen as error:
            raise ProviderUnavailable(f"{parts.netloc}: {error}", error.retry_after) from error
        if not self._slots.acquire(blocking=False):
            raise ProviderUnavailable("too many calls to providers at once", BUSY_SECONDS)
        try:
            answer = self._send(method, url, until, body, headers)
        except ProviderUnavailable:
            breaker.failed()
            raise
        finally:
            self._slots.release()
        breaker.succeeded()
        if 300 <= answer.status < 400:
            raise ProviderFaulty(f"{parts.netloc} redirects, which isn't followed")
        return answer

    def _breaker(self, server: str) -> CircuitBreaker:
        first, longest = BREAKER_SECONDS
        with self._lock:
            found = self._breakers.get(server)
            if found is None:
                found = self._breakers[server] = CircuitBreaker(open_seconds=first, max_open_seconds=longest)
        return found

    def _send(self, method: str, url: str, until: float, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        limit = self.limits.max_bytes
        try:
            answer = self.http.send(method, url, until=until, max_bytes=limit, body=body, headers=headers)
        except ResolverBusy as error:
            raise ProviderUnavailable("too many names are being resolved at once", BUSY_SECONDS) from error
        except CallFailed as error:
            raise ProviderUnavailable(str(error)) from error
        except AddressRefused as error:
            raise ProviderFaulty(f"{error}; the operator can allow it by SSO_ALLOWED_NETWORKS") from error
        if not answer.is_whole:
            raise ProviderFaulty(f"the answer is larger than {limit} bytes")
        if answer.status >= 500 or answer.status == 429:
            raise ProviderUnavailable(f"{urlsplit(url).hostname} answered {answer.status}")
        return Answer(answer.status, answer.body)
