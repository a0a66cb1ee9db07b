"""One client's connection in the event loop: reads requests, hands complete ones to threads, writes the answers."""

import asyncio
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from http_server.exchange import Exchange
from http_server.head import Addresses, Head
from http_server.reader import Request, RequestReader
from http_server.refusal import Refusal
from http_server.sink import LoopSink, ThreadSink
from http_server.spool import Body

if TYPE_CHECKING:
    from http_server.server import HttpServer

HIGH_WATER_BYTES = 256 * 1024


class State(Enum):
    """What a connection is doing; each state has one deadline."""

    IDLE = "idle"  # no byte of a request yet
    HEAD = "head"  # a request has begun
    BODY = "body"  # its head is complete
    BUSY = "busy"  # a thread answers; the threads have deadlines of their own
    WRITING = "writing"  # the answer waits for the client to read
    CLOSING = "closing"  # the answer is out; the client is given time to read it


class Connection(asyncio.Protocol):
    """Reads and answers the requests of one client, one after the other."""

    def __init__(self, server: "HttpServer") -> None:
        self.server, self._limits = server, server.limits
        self._sink = ThreadSink(self)
        self._reader = RequestReader(server.limits, server.spool)
        self._state, self._deadline = State.IDLE, 0.0
        self._held: list[bytes] = []
        self._refusal: Refusal | None = None
        self._current: Request | None = None
        self._eof = False
        self._paused = False
        self.lost = False
        self._reading_paused = False
        self._waits_for_room = False
        self._body_began = self._writing_since = self._waiting_since = 0.0
        self._discarded = 0
        self._used = False

    # Callbacks of the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; `transport` is the client's socket."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(HIGH_WATER_BYTES)
        peer, here = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        client = peer[0] if isinstance(peer, tuple) else ""
        self._addresses = Addresses(client, here[0], here[1])
        self._enter(State.IDLE, self._limits.head_seconds)
        self.server.opened(self)

    def data_received(self, data: bytes) -> None:
        """Take received bytes."""
        if self._state is State.CLOSING:
            self._discard(len(data))
        elif self._state in (State.BUSY, State.WRITING) or self._refusal is not None:
            # A further request waits unread until this one is answered, so that the kernel slows the client down.
            self._held.append(data)
            self._pause_reading()
        else:
            self._feed(data)

    def eof_received(self) -> bool:
        """Note that the client sends nothing more; it may still read."""
        self._eof = True
        if self._state in (State.BUSY, State.WRITING):
            return True
        if self._state is State.BODY:
            self._refuse(Refusal(400, "The body is shorter than its head says."))
            return True
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget the connection."""
        self.lost = True
        self._sink.flushed()
        if self._state is not State.BUSY:
            self._forget_input()
        self.server.closed(self)

    def pause_writing(self) -> None:
        """Note that the client reads more slowly than the answer comes."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on after the client has read."""
        self._paused = False
        self._sink.flushed()
        if self._state is State.WRITING:
            self._next()

    # Called by sinks.

    @property
    def reusable(self) -> bool:
        """Tell whether the client may send a further request."""
        return not (self.server.stopping or self._eof)

    def write_part(self, data: bytes) -> None:
        """Write a part of an answer."""
        if not self.lost:
            self._transport.write(data)
        if not self._paused:
            self._sink.flushed()

    def finish(self, data: bytes, keep_alive: bool, complete: bool) -> None:
        """Write the last part of an answer, and go on with the next request or close."""
        request, self._current = self._current, None
        if request is not None:
            request.body.close()
            self.server.uploads.wake()
        if self.lost:
            self._forget_input()
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

    # The event loop's side.

    def check(self, now: float) -> None:
        """End the connection where its deadline has passed. The server calls this once a second."""
        if self._state is State.BUSY or self._waits_for_room or now < self._deadline:
            return
        if self._state in (State.HEAD, State.BODY):
            self._refuse(Refusal(408, "The request did not arrive in time."))
        else:
            self._transport.abort()

    def shed(self) -> None:
        """Close a connection that waits for its client, to make room for others."""
        self._transport.abort()

    def retire(self, seconds: float) -> None:
        """Close the connection soon, where it is idle: the server stops. A request already on its way is answered."""
        if self._state is State.IDLE:
            self._deadline = min(self._deadline, self.server.now() + seconds)

    @property
    def waits(self) -> bool:
        """Tell whether the connection waits for its client and holds no request."""
        return self._state in (State.IDLE, State.HEAD, State.BODY, State.CLOSING)

    def go_on(self) -> None:
        """Read on after waiting for room in the spool; the wait doesn't count as the client's time."""
        self._body_began += self.server.now() - self._waiting_since
        self._waits_for_room = False
        self._next()
        self._resume_reading()

    def end_body(self) -> None:
        """Refuse the request whose body is arriving, to make room for others."""
        self._refuse(Refusal(503, "The body arrived too slowly while many others were being received."))

    @property
    def closing(self) -> bool:
        """Tell whether nothing but the client's own end is waited for."""
        return self._state is State.CLOSING

    @property
    def unsent_bytes(self) -> int:
        """Return how much of the answers waits for the client to read."""
        return self._transport.get_write_buffer_size()

    @property
    def writing_seconds(self) -> float:
        """Return for how long an answer has been waiting for the client to read; 0 where none is."""
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
        """Begin with what comes next: the next request, a refusal, or waiting for the client."""
        if self.lost or self._paused:
            return
        if self._reader.requests:
            self._begin(self._reader.requests.popleft())
        elif self._refusal is not None:
            self._refuse(self._refusal)
        elif self._held:
            held, self._held = b"".join(self._held), []
            self._state = State.IDLE
            self._feed(held)
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
        if request.body.spooled and not self.server.uploads.may_go_on(self):
            self._waits_for_room, self._waiting_since = True, self.server.now()
            self._pause_reading()

    def _begin(self, request: Request) -> None:
        self._used = True
        self.server.uploads.ended(self)
        self._state, self._current = State.BUSY, request
        self.server.submit(request, Exchange(request, self._addresses, self._sink))

    def _refuse(self, refusal: Refusal) -> None:
        """Answer with a problem and close."""
        self._refusal = refusal
        self._waits_for_room = False
        self._state = State.BUSY
        nothing = Request(Head(version="1.1"), Body(self.server.spool))
        Exchange(nothing, self._addresses, LoopSink(self)).refuse(refusal)

    def _close(self) -> None:
        """Close after the client has read the answer: closing at once would reset a connection that still sends."""
        late = self._refusal is not None and self._refusal.status == HTTPStatus.REQUEST_TIMEOUT
        # A client in the middle of its body reads the answer only when it has sent the rest, which is discarded.
        patience = 3 * self._limits.grace_seconds if self._reader.started and not late else self._limits.linger_seconds
        if self.unsent_bytes:
            patience += self._limits.transfer_seconds(self.unsent_bytes)
        self._enter(State.CLOSING, patience)
        self._forget_input()
        self._held.clear()
        if self._eof:
            self._transport.close()
            return
        self._transport.write_eof()
        self._resume_reading()

    def _forget_input(self) -> None:
        self._reader.close()
        self.server.uploads.ended(self)
        self.server.uploads.wake()

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
