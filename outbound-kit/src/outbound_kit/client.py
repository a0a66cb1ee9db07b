"""One request to a server that a company has entered: only to permitted addresses, with one deadline and a limit.

The address that was checked is the one that is connected to, so a name can't resolve to another one in between.
Redirects aren't followed, proxies of the environment aren't used.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from outbound_kit.addresses import Network, permitted
from outbound_kit.name_resolution import Place, Resolver

CHUNK_BYTES = 64 * 1024
PORTS = {"http": 80, "https": 443}


class AddressRefused(Exception):
    """A name resolves to an address that may not be called; nothing was connected to."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} is at the private address {address}")


class CallFailed(Exception):
    """The server can't be reached, is too slow or breaks off; the text says which."""


class Answer(NamedTuple):
    """A server's answer. `is_whole` is false where the body is larger than the limit; its beginning is here."""

    status: int
    headers: Message
    body: bytes
    is_whole: bool


@dataclass(frozen=True)
class Permissions:
    """Which addresses may be called besides public ones; development mode allows private and loopback ones."""

    allowed_networks: Sequence[Network] = ()
    development: bool = False

    def permit(self, address: str) -> bool:
        """Return whether a resolved address may be called."""
        return permitted(address, self.allowed_networks, development=self.development)


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


class OutboundHttp:
    """Sends requests; threads share it."""

    def __init__(self, permissions: Permissions, *, max_lookups: int) -> None:
        """`max_lookups` limits the names that are resolved at once."""
        self.permissions, self.tls = permissions, ssl.create_default_context()
        self._resolver = Resolver(max_lookups)

    def send(
        self,
        method: str,
        url: str,
        *,
        until: float,
        max_bytes: int,
        body: bytes | None = None,
        headers: Mapping[str, str] = {},
    ) -> Answer:
        """Send a request to an http(s) URL and return the answer; `until` is in the seconds of `time.monotonic`.

        Raises AddressRefused, CallFailed, and ResolverBusy where too many names are being resolved.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        places = self._resolve(host, port, until)
        seconds = until - time.monotonic()
        if seconds <= 0:
            raise CallFailed(f"{host}: no time is left")
        call = _Call(seconds)
        try:
            connection = http.client.HTTPConnection(host, port)
            connection.sock = self._connect(call, places, host, seconds, tls=parts.scheme == "https")
            connection.request(method, _target(parts), body=body, headers=_headers(parts, headers))
            response = connection.getresponse()
            content, is_whole = _read(response, max_bytes)
            if call.late:
                raise TimeoutError
            return Answer(response.status, response.headers, content, is_whole)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CallFailed(f"{host}: {_reason(error, late=call.late)}") from error
        finally:
            call.close()

    def _resolve(self, host: str, port: int, until: float) -> list[Place]:
        try:
            found = self._resolver.resolve(host, port, until=until)
        except (OSError, UnicodeError) as error:
            why = "is not resolved in time" if isinstance(error, TimeoutError) else "can't be resolved"
            raise CallFailed(f"{host} {why}") from error
        for _, place in found:
            if not self.permissions.permit(str(place[0])):
                raise AddressRefused(host, str(place[0]))
        return found

    def _connect(self, call: _Call, places: Sequence[Place], host: str, seconds: float, *, tls: bool) -> socket.socket:
        problem: OSError = OSError("no address")
        for family, place in places:
            opened = call.socket = socket.socket(family, socket.SOCK_STREAM)
            opened.settimeout(seconds)
            try:
                opened.connect(place)
                if not tls:
                    return opened
                wrapped = self.tls.wrap_socket(opened, server_hostname=host, do_handshake_on_connect=False)
                call.socket = wrapped
                wrapped.do_handshake()
                return wrapped
            except OSError as error:
                call.socket.close()
                problem = error
        raise problem


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _headers(parts: SplitResult, headers: Mapping[str, str]) -> dict[str, str]:
    return {"Host": parts.netloc, "Accept": "application/json", "Connection": "close", **headers}


def _read(response: http.client.HTTPResponse, limit: int) -> tuple[bytes, bool]:
    """Return the body up to the limit, and whether that is all of it."""
    pieces, size = [], 0
    while piece := response.read1(CHUNK_BYTES):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            return b"".join(pieces)[:limit], False
    if response.length:
        raise http.client.IncompleteRead(b"")
    return b"".join(pieces), True


def _reason(error: Exception, *, late: bool) -> str:
    if late or isinstance(error, TimeoutError):
        return "too slow"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return type(error).__name__
