"""The little service `shop` on a real bus, with the ways to do it harm."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eventbus.bus.port import Outgoing
from eventbus.event import Message
from eventbus.publish import outbox
from eventbus.worker import Worker
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase

from ..messaging.shop import QUEUE, contracts_of_shop, eventually, note, rows, settings_of_shop, subscription
from .shop_worker import bus_of_shop
from .worlds import RabbitWorld

QUEUES = contracts_of_shop().deployed_queues()


class Shop:
    """`shop` on one kind of bus, with the ways to do it harm."""

    def __init__(self, kind: str, kit: ServiceDatabase, folder: Path, address: str) -> None:
        self.kind, self.kit, self.folder, self.address = kind, kit, folder, address
        self.database = Database(kit.url, schema="kit", relay_url=kit.relay_url, pool_size=10)
        outbox.connect(self.database, contracts_of_shop())
        self.workers: list[Worker] = []

    def worker(self, apply: Any = note, **options: Any) -> Worker:
        """Build a worker; it is stopped after the test."""
        made = Worker(
            settings_of_shop(self.kit, str(self.folder)),
            Database(self.kit.url, schema="kit", relay_url=self.kit.relay_url, pool_size=10),
            bus_of_shop(self.kind, self.address),
            contracts_of_shop(),
            [subscription(apply)],
            **options,
        )
        self.workers.append(made)
        return made

    def run(self, apply: Any = note, **options: Any) -> Worker:
        """Start a worker and wait until it relays."""
        made = self.worker(apply, **options)
        made.start()
        eventually(lambda: made.relay.active)
        return made

    def send(self, *messages: Message) -> None:
        """Put messages into the queue past the relay, as another producer or a fault might."""
        bus = bus_of_shop(self.kind, self.address)
        bus.declare(QUEUES)
        publisher = bus.publisher()
        connection = self.database.relay_connection()
        connection.autocommit = False
        publisher.publish(connection, [Outgoing(each, QUEUE) for each in messages])
        connection.commit()
        connection.close()
        publisher.close()
        bus.close()

    def delete_queue(self) -> None:
        """Delete the queue with all it holds."""
        if self.kind == "rabbitmq":
            RabbitWorld(self.address).delete_queue(QUEUE)
        else:
            rows_changed(self.kit, "delete from bus.queue")

    def cut(self) -> None:
        """Cut all connections to the bus, or to the database where the bus is inside it."""
        if self.kind == "rabbitmq":
            RabbitWorld(self.address).cut()
        else:
            rows(
                self.kit,
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()",
            )

    @contextmanager
    def process(self, *mood: str) -> Iterator["subprocess.Popen[str]"]:
        """Run another worker in a process of its own, which relays."""
        script = Path(__file__).with_name("shop_worker.py")
        arguments = [self.kind, self.address, self.kit.url, self.kit.relay_url, str(self.folder), *mood]
        with subprocess.Popen([sys.executable, str(script), *arguments], stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                wait_for_line(process, "relaying")
                yield process
            finally:
                process.kill()

    def close(self) -> None:
        """Stop everything."""
        for worker in self.workers:
            assert worker.stop(60)
            worker._database.dispose()
        self.database.dispose()


def wait_for_line(process: "subprocess.Popen[str]", wanted: str) -> None:
    """Read the process's output, past its logs, until the line appears."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == wanted:
            return
    raise AssertionError(f"the process ended without saying {wanted}")


def rows_changed(kit: ServiceDatabase, sql: str) -> None:
    """Change something as the superuser."""
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(sql)
