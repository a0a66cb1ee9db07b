"""Calls to the servers of identity providers: only to permitted addresses, with one deadline and a limit of size.

The address that was checked is the one that is called, so a name can't resolve to another one in between. Redirects
aren't followed. service-kit's client serves for neighbours: it neither pins addresses nor limits the whole call.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from cachetools import LRUCache
from service_kit.circuit_breaker import CircuitBreaker, CircuitOpen

from auth_service.adapters.name_resolution import Place, Resolver, ResolverBusy
from auth_service.domain.network_address import Network, permitted
from auth_service.domain.sso_connection import endpoint_fault

CHUNK_BYTES = 64 * 1024
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


class _Call:
    """One connection that ends at the deadline, whatever the server sends until then."""

    def __init__(self, seconds: float) -> None:
        self.socket: socket.socket | None = None
        self.late = False
        # A socket's timeout limits each read: a server that sends a byte a second would hold the thread for hours.
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Close the connection."""
        self._timer.cancel()
        if self.socket is not None:
            self.socket.close()

    def _end(self) -> None:
        self.late = True
        if self.socket is not None:
            with contextlib.suppress(OSError):
                # The base class's: that of a TLS socket takes it apart while another thread reads.
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


class ProviderHttp:
    """Calls providers; threads share it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._slots = threading.BoundedSemaphore(limits.max_calls)
        self._resolver = Resolver(LOOKUPS_PER_CALL * limits.max_calls)
        self._breakers: LRUCache[str, CircuitBreaker] = LRUCache(MAX_BREAKERS)
        self._lock = threading.Lock()
        self._tls = ssl.create_default_context()

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
            answer = self._send(method, parts, until, body, headers)
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

    def _send(
        self, method: str, parts: SplitResult, until: float, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        places = self._resolve(host, port, until)
        seconds = until - time.monotonic()
        if seconds <= 0:
            raise ProviderUnavailable(f"{host}: no time is left")
        call = _Call(seconds)
        try:
            connection = http.client.HTTPConnection(host, port)
            connection.sock = self._connect(call, places, host, seconds, tls=parts.scheme == "https")
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            sent = {"Host": parts.netloc, "Accept": "application/json", "Connection": "close", **headers}
            connection.request(method, target, body=body, headers=sent)
            response = connection.getresponse()
            content = self._read(response)
            if call.late:
                raise TimeoutError
            if response.status >= 500 or response.status == 429:
                raise ProviderUnavailable(f"{host} answered {response.status}")
            return Answer(response.status, content)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ProviderUnavailable(f"{host}: {_reason(error, late=call.late)}") from error
        finally:
            call.close()

    def _resolve(self, host: str, port: int, until: float) -> list[Place]:
        try:
            found = self._resolver.resolve(host, port, until=until)
        except ResolverBusy as error:
            raise ProviderUnavailable("too many names are being resolved at once", BUSY_SECONDS) from error
        except (OSError, UnicodeError) as error:
            why = "is not resolved in time" if isinstance(error, TimeoutError) else "can't be resolved"
            raise ProviderUnavailable(f"{host} {why}") from error
        limits = self.limits
        refused = [
            str(place[0])
            for _, place in found
            if not permitted(str(place[0]), limits.allowed_networks, development=limits.development)
        ]
        if refused:
            raise ProviderFaulty(
                f"{host} is at the private address {refused[0]}; the operator can allow it by SSO_ALLOWED_NETWORKS"
            )
        return found

    def _connect(
        self,
        call: _Call,
        places: Sequence[Place],
        host: str,
        seconds: float,
        *,
        tls: bool,
    ) -> socket.socket:
        problem: OSError = OSError("no address")
        for family, place in places:
            opened = call.socket = socket.socket(family, socket.SOCK_STREAM)
            opened.settimeout(seconds)
            try:
                opened.connect(place)
                if not tls:
                    return opened
                wrapped = self._tls.wrap_socket(opened, server_hostname=host, do_handshake_on_connect=False)
                call.socket = wrapped
                wrapped.do_handshake()
                return wrapped
            except OSError as error:
                call.socket.close()
                problem = error
        raise problem

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        limit = self.limits.max_bytes
        pieces, size = [], 0
        while piece := response.read1(CHUNK_BYTES):
            size += len(piece)
            if size > limit:
                raise ProviderFaulty(f"the answer is larger than {limit} bytes")
            pieces.append(piece)
        if response.length:
            raise http.client.IncompleteRead(b"")
        return b"".join(pieces)


def _reason(error: Exception, *, late: bool) -> str:
    if late or isinstance(error, TimeoutError):
        return "too slow"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return type(error).__name__
