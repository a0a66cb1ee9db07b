"""One client's connection in the event loop: reads requests, submits them to threads, writes the responses."""

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from http_server.exchange import Exchange
from http_server.head import Addresses, Head
from http_server.reader import Request, RequestReader
from http_server.refusal import Refusal
from http_server.sink import LoopSink, ThreadSink
from http_server.spool import Body
from http_server.state import State
from http_server.tunnel import HandOver, Tunnel

if TYPE_CHECKING:
    from http_server.server import HttpServer

WRITE_HIGH_WATER_BYTES = 256 * 1024


class Connection(asyncio.Protocol):
    """Reads and handles the requests of one client, one after the other."""

    def __init__(self, server: "HttpServer") -> None:
        self.server, self._limits = server, server.limits
        self._sink = ThreadSink(self)
        self._reader = RequestReader(server.limits, server.spool)
        self._state, self._deadline = State.IDLE, 0.0
        self._unparsed: list[bytes] = []
        self._refusal: Refusal | None = None
        self._current: Request | None = None
        self._eof = False
        self._paused = False
        self.lost = False
        self._reading_paused = False
        self._waits_for_spool = False
        self._body_began = self._writing_since = self._waiting_since = 0.0
        self._discarded = 0
        self._used = False

    # Callbacks of the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the connection; `transport` is the client's socket."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(WRITE_HIGH_WATER_BYTES)
        peer, here = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        client = peer[0] if isinstance(peer, tuple) else ""
        self._addresses = Addresses(client, here[0], here[1])
        self._enter(State.IDLE, self._limits.head_seconds)
        self.server.add(self)

    def data_received(self, data: bytes) -> None:
        """Parse, keep or discard received bytes, depending on the state."""
        if self._state is State.CLOSING:
            self._discard(len(data))
        elif self._state in (State.BUSY, State.WRITING) or self._refusal is not None:
            # A further request is read after this response, so that the kernel slows the client down.
            self._unparsed.append(data)
            self._pause_reading()
        else:
            self._feed(data)

    def eof_received(self) -> bool:
        """Record that the client sends nothing more. It may still read."""
        self._eof = True
        if self._state in (State.BUSY, State.WRITING):
            return True
        if self._state is State.BODY:
            self._refuse(Refusal(400, "The body is shorter than its declared length."))
            return True
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        """Release the connection's resources."""
        self.lost = True
        self._sink.flushed()
        if self._state is not State.BUSY:
            self._release_input()
        self.server.remove(self)

    def pause_writing(self) -> None:
        """Record that the client reads more slowly than the application writes."""
        self._paused = True

    def resume_writing(self) -> None:
        """Continue after the client has read."""
        self._paused = False
        self._sink.flushed()
        if self._state is State.WRITING:
            self._next()

    # Called by sinks.

    @property
    def reusable(self) -> bool:
        """Return whether the client may send a further request."""
        return not (self.server.stopping or self._eof)

    def write_part(self, data: bytes) -> None:
        """Write a part of a response."""
        if not self.lost:
            self._transport.write(data)
        if not self._paused:
            self._sink.flushed()

    def finish(self, data: bytes, keep_alive: bool, complete: bool) -> None:
        """Write the last part of a response, then continue with the next request or close."""
        request, self._current = self._current, None
        if request is not None:
            request.body.close()
            self.server.uploads.resume_waiting()
        if self.lost:
            self._release_input()
            return
        if not complete:
            self._transport.abort()
            return
        self._transport.write(data)
        unsent = self.unsent_bytes
        if unsent:
            self._writing_since = self.server.now()
            self.server.count_unsent(unsent)
        if not keep_alive:
            self._close()
        elif self._paused:
            self._enter(State.WRITING, self._limits.transfer_seconds(unsent))
        else:
            self._state = State.IDLE
            self._next()

    def hand_over(self, head: bytes, hand_over: HandOver) -> None:
        """Leave the connection to a tunnel."""
        if self._current is not None:
            self._current.body.close()
        self.server.remove(self)
        # A second request behind the first one would be taken for the tunnel's bytes.
        has_more = bool(self._reader.requests) or self._reader.started or self._refusal is not None
        self._release_input()
        if self.lost or self._eof or has_more:
            self._transport.abort()
            hand_over.abandon()
            return
        self.server.open_tunnel(Tunnel(self.server, hand_over), self._transport, head, b"".join(self._unparsed))

    # Called by the server.

    def check(self, now: float) -> None:
        """Enforce the state's deadline. The server calls this once a second."""
        if self._state is State.BUSY or self._waits_for_spool or now < self._deadline:
            return
        if self._state in (State.HEAD, State.BODY):
            self._refuse(Refusal(408, "The request did not arrive in time."))
        else:
            self._transport.abort()

    def shed(self) -> None:
        """Abort the connection, to make room for others."""
        self._transport.abort()

    def retire(self, seconds: float) -> None:
        """Close an idle connection within `seconds`: the server stops. A request in transit still gets its response."""
        if self._state is State.IDLE:
            self._deadline = min(self._deadline, self.server.now() + seconds)

    @property
    def waits_for_client(self) -> bool:
        """Return whether the connection waits for its client and has no complete request."""
        return self._state in (State.IDLE, State.HEAD, State.BODY, State.CLOSING)

    @property
    def received_bytes(self) -> int:
        """Return the size of the arriving body so far, in bytes."""
        request = self._reader.receiving
        return request.body.size if request is not None else 0

    def resume(self) -> None:
        """Resume reading after the spool was full; the pause doesn't count against the client's deadline."""
        self._body_began += self.server.now() - self._waiting_since
        self._waits_for_spool = False
        self._next()
        self._resume_reading()

    def reject(self) -> None:
        """Refuse the request whose body is arriving, to make room for others."""
        self._refuse(Refusal(503, "The body arrived too slowly while many others were being received."))

    @property
    def closing(self) -> bool:
        """Return whether the connection only waits for the client to close."""
        return self._state is State.CLOSING

    @property
    def unsent_bytes(self) -> int:
        """Return the size of the responses that the client has not read, in bytes."""
        return self._transport.get_write_buffer_size()

    @property
    def writing_seconds(self) -> float:
        """Return the age of the oldest unread response in seconds, 0 without one."""
        return self.server.now() - self._writing_since if self.unsent_bytes else 0.0

    def _enter(self, state: State, seconds: float) -> None:
        self._state, self._deadline = state, self.server.now() + seconds

    def _feed(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
        except Refusal as refusal:
            self._refusal = refusal
        self._next()

    def _next(self) -> None:
        """Start the next step: a request, a refusal, or waiting for the client."""
        if self.lost or self._paused:
            return
        if self._reader.requests:
            self._start_request(self._reader.requests.popleft())
        elif self._refusal is not None:
            self._refuse(self._refusal)
        elif self._unparsed:
            unparsed, self._unparsed = b"".join(self._unparsed), []
            self._state = State.IDLE
            self._feed(unparsed)
            if self._state is not State.BUSY:
                self._resume_reading()
        elif self._eof:
            self._close()
        elif (request := self._reader.receiving) is not None:
            self._wait_for_body(request)
        elif not self._reader.started:
            idle = self._limits.keepalive_seconds if self._used else self._limits.head_seconds
            self._enter(State.IDLE, self.server.idle_seconds(idle))
            self._resume_reading()
        elif self._state is not State.HEAD:
            self._enter(State.HEAD, self._limits.head_seconds)

    def _wait_for_body(self, request: Request) -> None:
        if self._state is not State.BODY:
            self._state, self._deadline = State.BODY, self.server.now() + self._limits.grace_seconds
            self._body_began = self.server.now()
            if request.head.expects_continue:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._deadline = self._body_began + self._limits.transfer_seconds(request.body.size)
        if request.body.spooled and not self.server.uploads.may_read(self):
            self._waits_for_spool, self._waiting_since = True, self.server.now()
            self._pause_reading()

    def _start_request(self, request: Request) -> None:
        self._used = True
        self.server.uploads.remove(self)
        self._state, self._current = State.BUSY, request
        self.server.submit(request, Exchange(request, self._addresses, self._sink))

    def _refuse(self, refusal: Refusal) -> None:
        """Respond with a problem and close."""
        self._refusal = refusal
        self._waits_for_spool = False
        self._state = State.BUSY
        no_request = Request(Head(version="1.1"), Body(self.server.spool))
        Exchange(no_request, self._addresses, LoopSink(self)).refuse(refusal)

    def _close(self) -> None:
        """Close after the client has read the response; an immediate close would reset a connection that sends."""
        late = self._refusal is not None and self._refusal.status == HTTPStatus.REQUEST_TIMEOUT
        # A client that is sending a body reads the response after the rest of the body, which is discarded.
        seconds = (
            3 * self._limits.grace_seconds if self._reader.started and not late else self._limits.close_wait_seconds
        )
        if self.unsent_bytes:
            seconds += self._limits.transfer_seconds(self.unsent_bytes)
        self._enter(State.CLOSING, seconds)
        self._release_input()
        self._unparsed.clear()
        if self._eof:
            self._transport.close()
            return
        self._transport.write_eof()
        self._resume_reading()

    def _release_input(self) -> None:
        self._reader.close()
        self.server.uploads.remove(self)
        self.server.uploads.resume_waiting()

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()

    def _discard(self, size: int) -> None:
        self._discarded += size
        if self._discarded > self._limits.max_discarded_bytes:
            self._transport.abort()
