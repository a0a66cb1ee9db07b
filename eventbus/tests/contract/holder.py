"""A process of its own that takes messages and never settles them: `python holder.py KIND ADDRESS QUEUE COUNT`."""

import sys
import time

from eventbus.bus.port import Bus, Queue
from eventbus.bus.postgres import PostgresBus
from eventbus.bus.rabbitmq import RabbitBus

SERVICES = ("alpha", "beta", "gamma")


def main(kind: str, address: str, name: str, count: str) -> None:
    """Receive messages and hold them until killed; print a line after the reception."""
    service = name.split(".")[0]
    bus: Bus
    if kind == "rabbitmq":
        bus = RabbitBus(address, service, SERVICES, heartbeat_seconds=1)
    else:
        bus = PostgresBus(address, service, lease_seconds=2.0, poll_seconds=0.2)
    consumer = bus.consumer(Queue(name, ("ticket.*",)), prefetch=int(count))
    held = 0
    while held < int(count):
        held += len(consumer.receive(int(count) - held, 1))
    print(f"holding {held}", flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
