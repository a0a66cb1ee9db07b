"""Publishes on a channel in confirm mode: all messages in flight at once, one outcome per message."""

import time
from collections.abc import Sequence
from typing import Any

from pika.exceptions import AMQPError
from pika.spec import Basic

from eventbus.bus.port import BusDown, Outcome, Outgoing
from eventbus.bus.rabbitmq import amqp
from eventbus.bus.rabbitmq.confirms import Batch, Confirms
from eventbus.bus.rabbitmq.connection_thread import ConnectionThread
from eventbus.bus.rabbitmq.names import EVENTS_EXCHANGE

CHECK_SECONDS = 0.5


class ConfirmingPublisher:
    """Publishes on its own channel until that is closed."""

    def __init__(self, connection: ConnectionThread, *, confirm_seconds: float, blocked_seconds: float) -> None:
        """Open the channel. Raises BusDown."""
        self._connection = connection
        self._confirm_seconds = confirm_seconds
        self._blocked_seconds = blocked_seconds
        self._confirms = Confirms()
        self._channel = connection.channel()
        self._channel.on_closed(self._confirms.lost)
        connection.ask(lambda answer: self._channel.raw.confirm_delivery(self._answered, callback=answer))
        connection.run(lambda: self._channel.raw.add_on_return_callback(self._returned))

    @property
    def ended(self) -> bool:
        """Return whether the channel or the connection is closed."""
        return self._channel.closed or self._connection.lost

    def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish and wait for the outcomes. Raises BusDown where the connection failed before any confirm."""
        self._wait_while_blocked()
        batch = Batch(messages)
        if not self._connection.run(lambda: self._send(batch)):
            raise BusDown(self._connection.failure)
        self._wait_for(batch)
        outcomes = batch.result()
        if self.ended and all(outcome is Outcome.UNCONFIRMED for outcome in outcomes):
            raise BusDown(self._connection.failure or "RabbitMQ closed the channel")
        return outcomes

    def _wait_while_blocked(self) -> None:
        while blocked := self._connection.blocked_seconds():
            if blocked >= self._blocked_seconds:
                raise BusDown(f"RabbitMQ takes no messages since {blocked:.0f} s: an alarm for memory or disk")
            time.sleep(CHECK_SECONDS / 10)

    def _wait_for(self, batch: Batch) -> None:
        deadline = time.monotonic() + self._confirm_seconds
        while not batch.finished.wait(CHECK_SECONDS):
            if self.ended:
                # The connection failed before the I/O thread sent the batch, so no confirm will arrive.
                return
            if self._connection.blocked_seconds():
                # The connection stays open. Otherwise this batch would stay in the broker's buffers, and so would the
                # batches of the next attempts, and all of them would be delivered at the end of the alarm.
                self._wait_while_blocked()
                deadline = time.monotonic() + self._confirm_seconds
            elif time.monotonic() > deadline:
                self._connection.close(f"RabbitMQ confirmed nothing within {self._confirm_seconds:.0f} s")
                return

    def _send(self, batch: Batch) -> None:
        try:
            for index, outgoing in enumerate(batch.messages):
                message = outgoing.message
                exchange, key = (EVENTS_EXCHANGE, message.type) if outgoing.queue is None else ("", outgoing.queue)
                # Confirmed messages can still be unroutable; only "mandatory" shows that.
                self._channel.raw.basic_publish(
                    exchange, key, message.body, amqp.to_properties(message), mandatory=True
                )
                self._confirms.sent(batch, index, (exchange, key, message.id))
        except AMQPError:
            # The channel is closed: unsent messages have no tag, so no confirm will arrive for them.
            for index in range(len(batch.messages)):
                batch.decide(index, Outcome.UNCONFIRMED)

    def _answered(self, frame: Any) -> None:
        method = frame.method
        self._confirms.answered(method.delivery_tag, multiple=method.multiple, accepted=isinstance(method, Basic.Ack))

    def _returned(self, _channel: Any, method: Any, properties: Any, _body: bytes) -> None:
        self._confirms.returned((method.exchange, method.routing_key, properties.message_id or ""))
