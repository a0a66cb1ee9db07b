"""A channel that other threads use than the one that does its I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pika.exceptions import ChannelClosedByBroker

from eventbus.bus.port import BusDown

if TYPE_CHECKING:
    from eventbus.bus.rabbitmq.connection_thread import ConnectionThread

NOT_FOUND = 404


class ChannelClosed(BusDown):
    """The broker refused an operation: it closed the channel instead of answering."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"RabbitMQ refused: {code} {text}")
        self.code = code


class Channel:
    """A channel of a connection. `raw` is pika's channel; only the I/O thread may use it."""

    def __init__(self, connection: ConnectionThread, raw: Any) -> None:
        self.connection = connection
        self.raw = raw
        self.closed = False
        self._on_closed: list[Callable[[], None]] = []
        raw.add_on_close_callback(self._closed)

    def ask(self, method: str, **arguments: Any) -> Any:
        """Call a method of pika's channel and return the broker's answer. Raises ChannelClosed, BusDown."""
        return self.connection.ask(lambda answer: getattr(self.raw, method)(callback=answer, **arguments), self)

    def on_closed(self, callback: Callable[[], None]) -> None:
        """Run `callback` on the I/O thread when either side closes the channel."""
        self._on_closed.append(callback)

    def close(self) -> None:
        """Close the channel without waiting; its unacknowledged messages are delivered again."""
        self.connection.run(lambda: self.raw.close() if self.raw.is_open else None)

    def end(self, error: Exception) -> None:
        """Record that the channel is closed (I/O thread only)."""
        if self.closed:
            return
        self.closed = True
        self.connection.forget_channel(self, error)
        for callback in self._on_closed:
            callback()

    def _closed(self, _raw: Any, reason: Exception) -> None:
        if isinstance(reason, ChannelClosedByBroker):
            self.end(ChannelClosed(reason.reply_code, reason.reply_text))
        else:
            self.end(BusDown(repr(reason)))
