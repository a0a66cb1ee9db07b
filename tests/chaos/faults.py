"""What can go wrong with machines, at moments and places that a seed chooses."""

import contextlib
import signal
import time
from collections.abc import Iterator
from random import Random

import pika
import psutil

from tests.chaos.cluster import Cluster
from tests.stack import SERVICES

STOPPED_SECONDS = 12
"""Longer than a relay's connection may be idle, so that its lock goes to somebody else."""


class Faults:
    """Shakes a cluster; `done` tells what was done, for the log of the run."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self._cluster = cluster
        self._random = Random(seed)
        self._stopped: set[str] = set()
        self.done: list[str] = []

    def kill(self, times: int, every_seconds: float) -> None:
        """SIGKILL services, now all of one at once, now one process of it: an HTTP worker, or consumers and relay."""
        services = [service for service in SERVICES if service not in self._stopped]
        order = [service for _ in range(times // len(services) + 1) for service in services][:times]
        self._random.shuffle(order)
        for service in order:
            tree = self._cluster.tree(service)
            whole = self._random.random() < 0.5 or len(tree) < 2
            victims = tree if whole else [self._random.choice(tree[1:])]
            self._note(f"SIGKILL {service}{'' if whole else f', one process of {len(tree)}'}")
            for victim in victims:
                with contextlib.suppress(psutil.Error):
                    victim.kill()
            time.sleep(every_seconds * self._random.uniform(0.5, 1.5))

    def break_broker(self, seconds: float) -> None:
        """Let the broker crash and start it again after a while."""
        self._note(f"broker killed for {seconds} s")
        self._cluster.on.rabbitmq.kill()
        time.sleep(seconds)
        self._cluster.on.rabbitmq.start()
        self._note("broker back")

    def crash_postgres(self) -> None:
        """Let the database crash and start again."""
        self._note("PostgreSQL crashes")
        self._cluster.on.restart_postgres()
        self._note("PostgreSQL back")

    @contextlib.contextmanager
    def stopped(self, service: str) -> Iterator[None]:
        """Stop a service's processes, as a machine that hangs would, until the block and 12 s are over."""
        self._note(f"SIGSTOP {service}")
        until = time.monotonic() + STOPPED_SECONDS
        self._cluster.signal(service, signal.SIGSTOP)
        self._stopped.add(service)
        try:
            yield
            time.sleep(max(0.0, until - time.monotonic()))
        finally:
            self._stopped.discard(service)
            self._cluster.signal(service, signal.SIGCONT)
            self._note(f"SIGCONT {service}")

    def delete_queue(self, queue: str) -> None:
        """Delete a queue under its consumers, with what is in it."""
        self._note(f"queue {queue} deleted")
        connection = pika.BlockingConnection(pika.URLParameters(self._cluster.rabbitmq_url))
        connection.channel().queue_delete(queue)
        connection.close()

    def _note(self, what: str) -> None:
        self.done.append(f"{time.strftime('%H:%M:%S')} {what}")
