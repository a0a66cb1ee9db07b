"""A channel in confirm mode: everything in flight at once, one outcome per message."""

import time
from collections.abc import Sequence
from typing import Any

from pika.exceptions import AMQPError
from pika.spec import Basic

from service_kit.messaging.bus.port import BusDown, Outcome, Outgoing
from service_kit.messaging.bus.rabbitmq import amqp
from service_kit.messaging.bus.rabbitmq.confirms import Batch, Confirms
from service_kit.messaging.bus.rabbitmq.connection_thread import ConnectionThread
from service_kit.messaging.queue_names import EVENTS_EXCHANGE

LOOK_SECONDS = 0.5


class ConfirmingPublisher:
    """Publishes on a channel of its own, for as long as that lives."""

    def __init__(self, link: ConnectionThread, *, confirm_seconds: float, blocked_seconds: float) -> None:
        """Open the channel. Raises BusDown."""
        self._link = link
        self._confirm_seconds = confirm_seconds
        self._blocked_seconds = blocked_seconds
        self._confirms = Confirms()
        self._channel = link.channel()
        self._channel.on_closed(self._confirms.lost)
        link.ask(lambda answer: self._channel.raw.confirm_delivery(self._answered, callback=answer))
        link.run(lambda: self._channel.raw.add_on_return_callback(self._returned))

    @property
    def ended(self) -> bool:
        """Tell whether nothing can be published here any more."""
        return self._channel.closed or self._link.lost

    def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish and wait for the outcomes. Raises BusDown where the broker confirmed nothing at all."""
        self._wait_while_blocked()
        batch = Batch(messages)
        if not self._link.run(lambda: self._send(batch)):
            raise BusDown(self._link.failure)
        self._wait_for(batch)
        outcomes = batch.result()
        if self.ended and all(outcome is Outcome.UNCONFIRMED for outcome in outcomes):
            raise BusDown(self._link.failure or "RabbitMQ closed the channel")
        return outcomes

    def _wait_while_blocked(self) -> None:
        while blocked := self._link.blocked_seconds():
            if blocked >= self._blocked_seconds:
                raise BusDown(f"RabbitMQ takes no messages since {blocked:.0f} s: an alarm for memory or disk")
            time.sleep(LOOK_SECONDS / 10)

    def _wait_for(self, batch: Batch) -> None:
        deadline = time.monotonic() + self._confirm_seconds
        while not batch.finished.wait(LOOK_SECONDS):
            if self.ended:
                # Lost before the I/O thread came to send it, so nobody will ever answer for it.
                return
            if self._link.blocked_seconds():
                # The connection is kept: given up, it would leave this batch in the broker's buffers, and the next
                # attempt another one, all to be delivered when the alarm is over.
                self._wait_while_blocked()
                deadline = time.monotonic() + self._confirm_seconds
            elif time.monotonic() > deadline:
                self._link.close(f"RabbitMQ confirmed nothing within {self._confirm_seconds:.0f} s")
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
            # The channel is closed: what was not sent has no tag, and nobody will answer for it.
            for index in range(len(batch.messages)):
                batch.decide(index, Outcome.UNCONFIRMED)

    def _answered(self, frame: Any) -> None:
        method = frame.method
        self._confirms.answered(method.delivery_tag, multiple=method.multiple, accepted=isinstance(method, Basic.Ack))

    def _returned(self, _channel: Any, method: Any, properties: Any, _body: bytes) -> None:
        self._confirms.returned((method.exchange, method.routing_key, properties.message_id or ""))
