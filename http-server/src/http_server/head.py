"""The head of a request: its checks (RFC 9112) and its WSGI environment (PEP 3333)."""

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
    """The addresses of a connection: the client's, and the server's host and port."""

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
        return [value for field_name, value in self.headers if field_name.lower() == name]

    @property
    def content_type(self) -> str:
        """Return the value of Content-Type, '' without one."""
        return b",".join(self.values(b"content-type")).decode("latin-1")

    @property
    def expects_continue(self) -> bool:
        """Return whether the client waits for 100 Continue before it sends its body."""
        return self.version == "1.1" and bool(self.values(b"expect"))

    def declared_length(self) -> int | None:
        """Return the declared length of the body in bytes, None for a chunked body."""
        if self.values(b"transfer-encoding"):
            return None
        lengths = self.values(b"content-length")
        return int(lengths[0]) if lengths else 0

    def check(self) -> None:
        """Raise Refusal for an ambiguous head or an unsupported feature.

        The parser has already refused malformed fields, several Content-Length fields and Content-Length beside
        Transfer-Encoding.
        """
        if self.version not in VERSIONS:
            raise Refusal(505, "This server supports HTTP/1.1 and HTTP/1.0.")
        if self.method == b"CONNECT":
            raise Refusal(501, "This server is no proxy; CONNECT is not supported.")
        hosts = self.values(b"host")
        if len(hosts) > 1 or (not hosts and self.version == "1.1"):
            raise Refusal(400, "Exactly one Host header is required.")
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
    """Return the WSGI environment without `wsgi.input`.

    `RAW_URI` is the target as received. Headers with an underscore in the name are dropped: WSGI maps them to the same
    key as the name with a hyphen. Commas join the fields of one name.
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
    after_scheme = target.partition("://")[2]
    start = min((at for mark in "/?#" if (at := after_scheme.find(mark)) >= 0), default=len(after_scheme))
    return after_scheme[start:] if after_scheme[start : start + 1] == "/" else "/" + after_scheme[start:]


def header_bytes(headers: Sequence[Header]) -> int:
    """Return the size of header fields on the wire."""
    return sum(len(name) + len(value) + 4 for name, value in headers)
