"""A handler may take longer than any heartbeat or lease."""

import threading
import time

from .acting import collect, consumer_of, ids, nothing_more, queue, send
from .worlds import World

WORK = queue("beta.work", "ticket.*")
HANDLING_SECONDS = 8.0


def test_a_handler_slower_than_heartbeat_and_lease_keeps_its_messages(broker: World) -> None:
    # RabbitMQ drops a connection after two missed heartbeats, PostgreSQL's bus a lease that is not renewed.
    tuning = {"heartbeat_seconds": 2} if broker.kind == "rabbitmq" else {"lease_seconds": 4.0}
    slow = consumer_of(broker, WORK, **tuning)
    sent = send(broker, "ticket.created", "ticket.updated")
    held = collect(slow, 2)
    assert ids(held) == sent
    other = consumer_of(broker, WORK, **tuning)
    finished = threading.Event()
    stolen: list[str] = []

    def compete() -> None:
        while not finished.is_set():
            stolen.extend(ids(other.receive(1, 0.1)))

    rival = threading.Thread(target=compete)
    rival.start()
    time.sleep(HANDLING_SECONDS)
    broker.done(slow, held)
    finished.set()
    rival.join()
    assert stolen == []
    nothing_more(slow)
