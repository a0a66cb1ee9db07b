"""The head of a request: what RFC 9112 lets a server accept, and what the application sees of it (PEP 3333)."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from http_server.refusal import Refusal

Header = tuple[bytes, bytes]
VERSIONS = ("1.0", "1.1")
CONTENT = {"CONTENT_TYPE", "CONTENT_LENGTH"}


@dataclass(frozen=True)
class Addresses:
    """Both ends of a connection: the client's address, and the host and port that it reached."""

    client: str
    host: str
    port: int


@dataclass
class Head:
    """A request line and its header fields, as received."""

    method: bytes = b""
    target: bytes = b""
    version: str = ""
    headers: list[Header] = field(default_factory=list)

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of a header field; `name` is in lower case."""
        return [value for found, value in self.headers if found.lower() == name]

    @property
    def content_type(self) -> str:
        """Return the value of Content-Type, '' where there is none."""
        return b",".join(self.values(b"content-type")).decode("latin-1")

    @property
    def expects_continue(self) -> bool:
        """Tell whether the client waits for 100 Continue before it sends its body."""
        return self.version == "1.1" and bool(self.values(b"expect"))

    def declared_length(self) -> int | None:
        """Return the length that the client declares for the body, None for a chunked body."""
        if self.values(b"transfer-encoding"):
            return None
        lengths = self.values(b"content-length")
        return int(lengths[0]) if lengths else 0

    def check(self) -> None:
        """Raise Refusal where the head is ambiguous or asks for what this server doesn't do.

        The parser has refused malformed fields, several Content-Length fields and Content-Length beside
        Transfer-Encoding already.
        """
        if self.version not in VERSIONS:
            raise Refusal(505, "This server speaks HTTP/1.1 and HTTP/1.0.")
        if self.method == b"CONNECT":
            raise Refusal(501, "This server is no proxy; CONNECT is not supported.")
        hosts = self.values(b"host")
        if len(hosts) > 1 or (not hosts and self.version == "1.1"):
            raise Refusal(400, "Exactly one Host header is needed.")
        if not self.target.startswith((b"/", b"http://", b"https://")) and self.target != b"*":
            raise Refusal(400, "The request target must be a path or an absolute address.")
        codings = self.values(b"transfer-encoding")
        if codings and self.version == "1.0":
            raise Refusal(400, "HTTP/1.0 has no Transfer-Encoding.")
        if codings and (len(codings) > 1 or codings[0].lower() != b"chunked"):
            raise Refusal(501, "The only transfer coding that is accepted is chunked.")
        if any(value.lower() != b"100-continue" for value in self.values(b"expect")):
            raise Refusal(417, "The only expectation that is accepted is 100-continue.")


def environ_of(head: Head, addresses: Addresses) -> dict[str, Any]:
    """Return the WSGI environment without its input.

    `RAW_URI` is the target as received. Header names with an underscore are left out: a service could not tell them
    from the name with a hyphen. Fields of one name are joined by commas.
    """
    target = head.target.decode("latin-1")
    path, _, query = _without_authority(target).partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": head.method.decode("latin-1"),
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.partition("#")[0]).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": target,
        "SERVER_NAME": addresses.host,
        "SERVER_PORT": str(addresses.port),
        "SERVER_PROTOCOL": f"HTTP/{head.version}",
        "REMOTE_ADDR": addresses.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in head.headers:
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in CONTENT:
            key = "HTTP_" + key
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ.pop("HTTP_EXPECT", None)
    return environ


def _without_authority(target: str) -> str:
    if target.startswith("/") or "://" not in target:
        return target
    rest = target.partition("://")[2]
    start = min((found for mark in "/?#" if (found := rest.find(mark)) >= 0), default=len(rest))
    return rest[start:] if rest[start : start + 1] == "/" else "/" + rest[start:]


def header_bytes(headers: Sequence[Header]) -> int:
    """Return the size of header fields on the wire."""
    return sum(len(name) + len(value) + 4 for name, value in headers)
