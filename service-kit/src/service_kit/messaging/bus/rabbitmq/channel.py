"""A channel used from other threads than the one that does its I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pika.exceptions import ChannelClosedByBroker

from service_kit.messaging.bus.port import BusDown

if TYPE_CHECKING:
    from service_kit.messaging.bus.rabbitmq.connection_thread import ConnectionThread

NOT_FOUND = 404


class ChannelClosed(Exception):
    """The broker closed the channel instead of answering: that is how it says no."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code


class Channel:
    """A channel of a link. `raw` is pika's own and may be touched on the I/O thread only."""

    def __init__(self, link: ConnectionThread, raw: Any) -> None:
        self.link = link
        self.raw = raw
        self.closed = False
        self._on_closed: list[Callable[[], None]] = []
        raw.add_on_close_callback(self._closed)

    def ask(self, method: str, **arguments: Any) -> Any:
        """Call a method of pika's channel and return the broker's answer. Raises ChannelClosed, BusDown."""
        return self.link.ask(lambda answer: getattr(self.raw, method)(callback=answer, **arguments), self)

    def on_closed(self, callback: Callable[[], None]) -> None:
        """Have `callback` run, on the I/O thread, when the channel is closed by whomever."""
        self._on_closed.append(callback)

    def close(self) -> None:
        """Close the channel without waiting; what is unacknowledged on it is delivered again."""
        self.link.run(lambda: self.raw.close() if self.raw.is_open else None)

    def end(self, error: Exception) -> None:
        """Note that the channel is closed (I/O thread only)."""
        if self.closed:
            return
        self.closed = True
        self.link.forget_channel(self, error)
        for callback in self._on_closed:
            callback()

    def _closed(self, _raw: Any, reason: Exception) -> None:
        if isinstance(reason, ChannelClosedByBroker):
            self.end(ChannelClosed(reason.reply_code, reason.reply_text))
        else:
            self.end(BusDown(repr(reason)))
