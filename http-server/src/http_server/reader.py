"""Parses received bytes into requests with llhttp (through httptools). Only the spool does I/O."""

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httptools

from http_server.head import Head
from http_server.limits import Limits
from http_server.refusal import Refusal
from http_server.spool import Body, Spool

MAX_CHUNK_OVERHEAD_FACTOR = 8
"""The maximum ratio of a chunked body's bytes on the wire to the body limit. It bounds extensions and trailers."""

NOT_ASCII = re.compile(rb"[\x80-\xff]")
REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [^\x00-\x20\x7f]+ HTTP/\d\.\d\r?\n")


@dataclass
class Request:
    """One request. Where `too_large` is set, the body was not received; `declared` is its declared size in bytes."""

    head: Head
    body: Body
    keep_alive: bool = False
    too_large: bool = False
    declared: int = 0
    done: bool = field(default=False, repr=False)


class RequestReader:
    """Parses the requests of one connection. `requests` contains the complete ones, oldest first."""

    def __init__(self, limits: Limits, spool: Spool) -> None:
        self._limits, self._spool = limits, spool
        self._parser = httptools.HttpRequestParser(self)
        self._head = Head()
        self._header_bytes = 0
        self._raw_bytes = 0
        self._max_body = 0
        self._completed = 0
        self._in_request_line = False
        self._request: Request | None = None
        self.requests: deque[Request] = deque()
        self.started = False
        """True while a request is incomplete."""

    @property
    def receiving(self) -> Request | None:
        """Return the request whose body is arriving, None between requests and within a head."""
        return self._request

    def feed(self, data: bytes) -> None:
        """Parse received bytes; raise Refusal for a request that can't be served."""
        while data:
            if self._in_request_line or not self.started:
                data = self._with_ascii_target(data)
            self.started = True
            self._raw_bytes += len(data)
            data = self._parse(data)
            if self._request is None and self.started:
                limit = self._limits.max_target_bytes + self._limits.max_header_bytes
                if self._raw_bytes > 2 * limit:
                    raise Refusal(431, "The head of the request is too large.")
            elif self._request is not None and self._raw_bytes > MAX_CHUNK_OVERHEAD_FACTOR * self._max_body:
                raise Refusal(400, "The chunked encoding is far larger than its content.")

    def _with_ascii_target(self, data: bytes) -> bytes:
        """Percent-encode the bytes of a request line that aren't ASCII: many clients send addresses unencoded.

        llhttp refuses such bytes. A second request in the same piece of data is not encoded.
        """
        line, end, remainder = data.partition(b"\n")
        self._in_request_line = not end
        if line.isascii():
            return data
        return NOT_ASCII.sub(lambda match: b"%%%02X" % match[0][0], line) + end + remainder

    def close(self) -> None:
        """Close the bodies of all requests."""
        for request in (self._request, *self.requests):
            if request is not None:
                request.body.close()
        self._request = None
        self.requests.clear()

    def _parse(self, data: bytes) -> bytes:
        """Feed the parser; return the bytes behind a request with an upgrade, which the server ignores."""
        completed = self._completed
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parser = httptools.HttpRequestParser(self)
            return data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, Refusal):
                raise error.__context__ from None
            raise
        except httptools.HttpParserError as error:
            unknown_method = isinstance(error, httptools.HttpParserInvalidMethodError)
            if unknown_method and self._completed == completed and REQUEST_LINE.match(data):
                raise Refusal(501, "The request's method is unknown.") from error
            if "version" in str(error).lower():
                raise Refusal(505, "This server speaks HTTP/1.1 and HTTP/1.0.") from error
            raise Refusal(400, f"The request is malformed: {error}.") from error
        return b""

    # Callbacks of httptools.

    def on_message_begin(self) -> None:
        """Start a new request."""
        self._head, self._header_bytes, self._request = Head(), 0, None

    def on_url(self, part: bytes) -> None:
        """Append a part of the request target."""
        self._head.target += part
        if len(self._head.target) > self._limits.max_target_bytes:
            raise Refusal(414, "The request target is too long.")

    def on_header(self, name: bytes, value: bytes | None) -> None:
        """Add a header field. Trailers, which follow the body, are dropped."""
        if self._request is not None:
            return
        value = value or b""
        self._head.headers.append((name, value))
        self._header_bytes += len(name) + len(value) + 4
        if self._header_bytes > self._limits.max_header_bytes or len(self._head.headers) > self._limits.max_headers:
            raise Refusal(431, "The header fields are too large or too many.")

    def on_headers_complete(self) -> None:
        """Check the head and prepare for the body."""
        head = self._head
        head.method, head.version = self._parser.get_method(), self._parser.get_http_version()
        head.check()
        self._max_body = self._limits.body_bytes(head.content_type)
        declared = head.declared_length()
        request = self._request = Request(head, Body(self._spool), declared=declared or 0)
        if declared is not None and declared > self._max_body:
            self._skip_body(request)

    def on_body(self, data: bytes) -> None:
        """Append a part of the body."""
        request = self._request
        if request is None or request.too_large:
            return
        if request.body.size + len(data) > self._max_body:
            request.declared = request.body.size + len(data)
            self._skip_body(request)
            return
        request.body.append(data)

    def on_message_complete(self) -> None:
        """Add a complete request to `requests`."""
        request = self._request
        self._request, self.started, self._raw_bytes = None, False, 0
        self._completed += 1
        if request is None or request.done:
            return
        request.done = True
        request.declared = request.body.size
        request.keep_alive = self._parser.should_keep_alive()
        self.requests.append(request)

    def _skip_body(self, request: Request) -> None:
        """Complete the request without its body, so that the application refuses it while the client still sends."""
        request.body.close()
        request.too_large = request.done = True
        self.requests.append(request)


def input_of(request: Request) -> Any:
    """Return the stream from which the application reads the body."""
    return TooLargeInput() if request.too_large else request.body.stream()


class TooLargeInput:
    """Replaces a body that was not received. Reading raises Refusal (413)."""

    def read(self, _size: int = -1) -> bytes:
        """Raise Refusal."""
        raise Refusal(413, "The body is too large.")

    readline = readlines = read

    def __iter__(self) -> "TooLargeInput":
        return self

    def __next__(self) -> bytes:
        return self.read()
