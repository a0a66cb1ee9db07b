"""Queues of services that are deployed no more, for whoever looks after the broker."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pika import URLParameters

from service_kit.messaging.bus.port import BusDown
from service_kit.messaging.bus.rabbitmq.channel import ChannelClosed
from service_kit.messaging.bus.rabbitmq.connection_thread import ConnectionThread
from service_kit.messaging.bus.rabbitmq.topology import Probe
from service_kit.messaging.queue_names import dead_letter_queue_name


def existing(url: str, names: Sequence[str]) -> dict[str, int]:
    """Return how many messages wait in those of the named queues that exist. Raises BusDown."""
    with _short_link(url) as link:
        probe = Probe(link)
        counts = {name: probe.count(name) for name in names}
    return {name: count for name, count in counts.items() if count is not None}


def delete(url: str, name: str) -> None:
    """Delete a queue and its dead-letter queue with all they hold. Raises BusDown."""
    with _short_link(url) as link:
        channel = link.channel()
        for queue in (name, dead_letter_queue_name(name)):
            channel.ask("queue_delete", queue=queue)


@contextmanager
def _short_link(url: str) -> Iterator[ConnectionThread]:
    link = ConnectionThread(URLParameters(url), "leftovers")
    try:
        yield link
    except ChannelClosed as error:
        raise BusDown(f"RabbitMQ refused: {error}") from None
    finally:
        link.close()
