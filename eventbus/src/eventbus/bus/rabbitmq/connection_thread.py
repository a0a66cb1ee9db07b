"""A connection to the broker with its own I/O thread, for use by other threads.

Only one thread may use a pika connection. This thread does only I/O, so it answers heartbeats however long a handler
takes. Other threads pass it functions to run, and wait for the broker's answers.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from typing import Any

from pika.adapters.select_connection import IOLoop, SelectConnection
from pika.connection import Parameters
from pika.exceptions import AMQPError

from eventbus.bus.port import BusDown
from eventbus.bus.rabbitmq.channel import Channel

OPEN_SECONDS = 10.0
ANSWER_SECONDS = 10.0
CLOSE_SECONDS = 1.0
MIN_VERSION = (3, 10)


class ConnectionThread:
    """An open connection. After a loss it never reopens, and all its operations raise BusDown."""

    def __init__(self, parameters: Parameters, name: str) -> None:
        """Connect and wait for the broker's answer. Raises BusDown."""
        self._lock = threading.Lock()
        self._loop = IOLoop()
        self._failure = ""
        self._opened = threading.Event()
        self._waiting: dict[Future[Any], Channel | None] = {}
        self._blocked_since: float | None = None
        self._channels: set[Channel] = set()
        self._connection: Any = None
        self.version = ""
        self._thread = threading.Thread(target=self._run, args=(parameters,), name=name, daemon=True)
        self._thread.start()
        self._opened.wait(OPEN_SECONDS)
        if not self.version:
            self.close(self._failure or f"no answer within {OPEN_SECONDS:.0f} s")
            raise BusDown(f"can't connect to RabbitMQ: {self._failure}")

    @property
    def lost(self) -> bool:
        """Return whether the connection is lost or closed."""
        return bool(self._failure)

    @property
    def failure(self) -> str:
        """Return why the connection is lost; empty while it is open."""
        return self._failure

    def blocked_seconds(self) -> float:
        """Return for how many seconds a memory or disk alarm has blocked publishing; 0 where none does."""
        since = self._blocked_since
        return time.monotonic() - since if since is not None else 0.0

    def channel(self) -> Channel:
        """Open a channel. Raises BusDown."""
        raw = self.ask(lambda answer: self._connection.channel(on_open_callback=answer))
        channel = Channel(self, raw)
        self._channels.add(channel)
        return channel

    def run(self, function: Callable[[], None]) -> bool:
        """Let the I/O thread run `function` soon; return false where the connection is lost."""
        with self._lock:
            if self._failure:
                return False
            self._loop.add_callback_threadsafe(function)
            return True

    def ask(self, start: Callable[[Callable[[Any], None]], Any], channel: Channel | None = None) -> Any:
        """Let the I/O thread run `start(answer)`, wait for the call of `answer` and return its argument.

        Raises ChannelClosed where the broker closed `channel` instead, BusDown where the connection is lost or the
        broker doesn't answer in time.
        """
        future: Future[Any] = Future()

        def answer(value: Any) -> None:
            if not future.done():
                future.set_result(value)

        def begin() -> None:
            try:
                start(answer)
            except AMQPError as error:
                if not future.done():
                    future.set_exception(BusDown(repr(error)))

        self._waiting[future] = channel
        try:
            if not self.run(begin):
                raise BusDown(self._failure)
            return future.result(ANSWER_SECONDS)
        except FutureTimeoutError:
            # The result of the operation is unknown now, so the state of this connection is unreliable.
            self.close("the broker did not answer")
            raise BusDown(self._failure) from None
        finally:
            self._waiting.pop(future, None)

    def forget_channel(self, channel: Channel, error: Exception) -> None:
        """Raise `error` in the threads that wait for an answer on a closed channel (I/O thread only)."""
        self._channels.discard(channel)
        for future, owner in list(self._waiting.items()):
            if owner is channel and not future.done():
                future.set_exception(error)

    def close(self, reason: str = "closed") -> None:
        """Close the connection and wait for its thread to end. Never raises."""

        def begin() -> None:
            self._fail(reason)
            if self._connection.is_closing or self._connection.is_closed:
                self._loop.stop()
            else:
                self._connection.close()

        self.run(begin)
        self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            # The broker doesn't answer the close handshake: abort the connection.
            with self._lock, suppress(Exception):
                self._loop.add_callback_threadsafe(self._abort)
            self._thread.join(CLOSE_SECONDS)

    def _run(self, parameters: Any) -> None:
        reason: object = "closed"
        try:
            self._connection = SelectConnection(
                parameters,
                on_open_callback=self._on_open,
                on_open_error_callback=self._on_close,
                on_close_callback=self._on_close,
                custom_ioloop=self._loop,
            )
            self._connection.add_on_connection_blocked_callback(self._on_blocked)
            self._connection.add_on_connection_unblocked_callback(self._on_unblocked)
            self._loop.start()
        except Exception as error:
            reason = error
        finally:
            self._fail(reason)
            with self._lock, suppress(Exception):
                self._loop.close()

    def _on_open(self, connection: Any) -> None:
        version = str((connection.server_properties or {}).get("version", ""))
        if _numbers(version) < MIN_VERSION:
            self._fail(f"RabbitMQ {version} is too old, 3.10 is needed")
            connection.close()
            return
        self.version = version
        self._opened.set()

    def _on_close(self, _connection: Any, error: BaseException) -> None:
        self._fail(error)
        self._loop.stop()

    def _on_blocked(self, _connection: Any, _frame: Any) -> None:
        self._blocked_since = time.monotonic()

    def _on_unblocked(self, _connection: Any, _frame: Any) -> None:
        self._blocked_since = None

    def _abort(self) -> None:
        # pika closes its socket only after an answer, and its transport is not public.
        transport = getattr(self._connection, "_transport", None)
        if transport is not None:
            transport.abort()
        else:
            self._loop.stop()

    def _fail(self, reason: object) -> None:
        with self._lock:
            if self._failure:
                return
            self._failure = reason if isinstance(reason, str) else repr(reason)
        for future in list(self._waiting):
            if not future.done():
                future.set_exception(BusDown(self._failure))
        for channel in list(self._channels):
            channel.end(BusDown(self._failure))
        self._opened.set()


def _numbers(version: str) -> tuple[int, int]:
    major, minor, *_ = [*version.split("."), "0", "0"]
    return int(major) if major.isdigit() else 0, int(minor) if minor.isdigit() else 0
