"""The probe of the road: the same outbox, broker and inbox with nothing around them. `python -m benchmarks.bare_road`

One table for all, no HTTP, no walls between companies, no contracts, no checks: a ticket is inserted with its event, a
relay publishes it, a classifier announces a department, and an updater stores it. That is two stages where the system
has three. Each process waits for its work without polling; queues are quorum queues, and every publish is confirmed.
"""

import multiprocessing
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pika
import psycopg2

from benchmarks.stored import posted
from tests.stack import Stack, admin_url

SCHEMA = """
    create schema bare;
    create table bare.tickets (id bigserial primary key, title text, description text, department text);
    create table bare.outbox (id bigserial primary key, topic text, ticket bigint, published_at timestamptz);
    create index on bare.outbox (id) where published_at is null;
    create table bare.inbox (consumer text, event bigint, primary key (consumer, event));
"""
INSERT = """
    with made as (insert into bare.tickets (title, description) values (%s, %s) returning id)
    insert into bare.outbox (topic, ticket) select 'created', id from made returning ticket
"""
PAGE = "select id, topic, ticket from bare.outbox where published_at is null order by id limit 200"
MARK = "update bare.outbox set published_at = now() where id = any(%s)"
NEW = "insert into bare.inbox values (%s, %s) on conflict do nothing"
ANNOUNCE = "insert into bare.outbox (topic, ticket) values ('routed', %s)"
UPDATE = "update bare.tickets set department = 'IT Support' where id = %s"
QUEUES = ("created", "routed")


def relay(database: str, broker: str, bell: str) -> None:
    """Publish what was announced whenever the bell rings."""
    with closing(psycopg2.connect(database)) as connection, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as rings:
        connection.autocommit = True
        rings.bind(bell)
        channel = pika.BlockingConnection(pika.URLParameters(broker)).channel()
        channel.confirm_delivery()
        cursor = connection.cursor()
        while True:
            rings.recv(1)
            cursor.execute(PAGE)
            rows = cursor.fetchall()
            for event, topic, ticket in rows:
                properties = pika.BasicProperties(delivery_mode=2, message_id=str(event))
                channel.basic_publish("", f"bare.{topic}", str(ticket).encode(), properties)
            cursor.execute(MARK, ([row[0] for row in rows],))


def consume(database: str, broker: str, topic: str, effect: str, done: Callable[[int], None]) -> None:
    """Apply one statement per message, once; `done` is told after the commit."""
    with closing(psycopg2.connect(database)) as connection:
        cursor = connection.cursor()
        channel = pika.BlockingConnection(pika.URLParameters(broker)).channel()

        def handle(channel: Any, method: Any, properties: Any, body: bytes) -> None:
            cursor.execute(NEW, (topic, int(properties.message_id)))
            if cursor.rowcount:
                cursor.execute(effect, (int(body),))
            connection.commit()
            done(int(body))
            channel.basic_ack(method.delivery_tag)

        channel.basic_qos(prefetch_count=200)
        channel.basic_consume(f"bare.{topic}", handle)
        channel.start_consuming()


def classify(database: str, broker: str, bell: str) -> None:
    """Announce a department for every ticket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as rings:
        rings.connect(bell)
        consume(database, broker, "created", ANNOUNCE, lambda _ticket: rings.send(b"!") and None)


def update(database: str, broker: str, ended: Any) -> None:
    """Store the department, and say when."""
    consume(database, broker, "routed", UPDATE, lambda ticket: ended.put((ticket, time.time())))


class BareRoad:
    """The probe, beside a stack, in its database and on its broker."""

    def __init__(self, stack: Stack, bell: str, ended: Any) -> None:
        self._database = admin_url().rsplit("/", 1)[0] + f"/{stack.name}"
        self._broker = str(stack.rabbitmq_url)
        self._bell = bell
        self._ended = ended

    def begin(self) -> list[BaseProcess]:
        """Make tables and queues, and start the three processes."""
        with closing(psycopg2.connect(self._database)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(SCHEMA)
        with closing(pika.BlockingConnection(pika.URLParameters(self._broker))) as connection:
            channel = connection.channel()
            for queue in QUEUES:
                channel.queue_declare(f"bare.{queue}", durable=True, arguments={"x-queue-type": "quorum"})
        where = (self._database, self._broker)
        fork = multiprocessing.get_context("fork")
        processes: list[BaseProcess] = [
            fork.Process(target=relay, args=(*where, self._bell), daemon=True),
            fork.Process(target=classify, args=(*where, self._bell), daemon=True),
            fork.Process(target=update, args=(*where, self._ended), daemon=True),
        ]
        for process in processes:
            process.start()
            while process.is_alive() and not Path(self._bell).exists():
                time.sleep(0.01)
        return processes

    def latencies(self, count: int, per_second: float) -> list[float]:
        """Insert tickets at a pace; return the seconds from each insert's begin to its department's commit."""
        sent: dict[int, float] = {}
        with (
            closing(psycopg2.connect(self._database)) as connection,
            connection.cursor() as cursor,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as rings,
        ):
            rings.connect(self._bell)
            due = time.monotonic()
            for number in range(count):
                body = posted(number)
                at = time.time()
                cursor.execute(INSERT, (body["title"], body["description"]))
                [ticket] = cursor.fetchone() or (0,)
                connection.commit()
                rings.send(b"!")
                sent[ticket] = at
                due += 1 / per_second
                time.sleep(max(0.0, due - time.monotonic()))
        ended = dict(self._ended.get(timeout=10) for _ in range(count))
        return [ended[ticket] - at for ticket, at in sent.items()]


@contextmanager
def bare_road(stack: Stack) -> Iterator[BareRoad]:
    """Give the probe while its processes run."""
    with tempfile.TemporaryDirectory() as folder:
        road = BareRoad(stack, str(Path(folder) / "bell"), multiprocessing.get_context("fork").Queue())
        processes = road.begin()
        try:
            yield road
        finally:
            for process in processes:
                process.terminate()
                with suppress(TimeoutError):
                    process.join(5)
