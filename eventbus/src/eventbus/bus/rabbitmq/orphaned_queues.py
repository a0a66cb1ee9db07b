"""Finds and deletes the queues of services that are no longer deployed, for the operator of the broker."""

from collections.abc import Sequence
from contextlib import closing

from pika import URLParameters

from eventbus.bus.rabbitmq.connection_thread import ConnectionThread
from eventbus.bus.rabbitmq.names import dead_letter_queue_name
from eventbus.bus.rabbitmq.topology import Probe


def existing(url: str, names: Sequence[str]) -> dict[str, int]:
    """Return the number of messages of each named queue that exists. Raises BusDown."""
    with _short_connection(url) as connection:
        probe = Probe(connection)
        counts = {name: probe.count(name) for name in names}
    return {name: count for name, count in counts.items() if count is not None}


def delete(url: str, name: str) -> None:
    """Delete a queue and its dead-letter queue with their messages. Raises BusDown."""
    with _short_connection(url) as connection:
        channel = connection.channel()
        for queue in (name, dead_letter_queue_name(name)):
            channel.ask("queue_delete", queue=queue)


def _short_connection(url: str) -> closing[ConnectionThread]:
    return closing(ConnectionThread(URLParameters(url), "orphaned queues"))
