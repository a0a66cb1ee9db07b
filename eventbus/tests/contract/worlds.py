"""The same small world on every bus: three services, their publishers and consumers, and the ways to do them harm."""

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import pika
from eventbus.bus.memory import MemoryBus
from eventbus.bus.port import Bus, Incoming, Outcome, Outgoing, Publisher, Queue, QueueConsumer
from eventbus.bus.postgres import PostgresBus, install
from eventbus.bus.rabbitmq import RabbitBus
from eventbus.bus.rabbitmq.consumer import RabbitConsumer
from eventbus.bus.rabbitmq.names import control_queue_name, dead_letter_queue_name
from eventbus.event import Message
from eventbus.testing.rabbitmq import _rabbitmqctl
from init_db.provision import admin_connection, provision
from service_kit.database.engine import Database
from service_kit.testing.postgres import PASSWORD, as_role

SERVICES = ("alpha", "beta", "gamma")
DELIVERY_LIMIT = 100


def message(event_type: str, source: str = "alpha", *, subject: str = "1", revision: int = 1) -> Message:
    """Make a message as a relay would."""
    event_id = str(uuid4())
    attributes = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": event_type,
        "subject": subject,
        "time": "2026-11-20T10:30:00.323456Z",
        "dataschema": f"https://example.test/{event_type}/v1",
        "datacontenttype": "application/json",
        "companyid": "1",
        "revision": str(revision),
        "actorkind": "system",
    }
    return Message(event_id, event_type, attributes, json.dumps({"number": revision}).encode())


class World(Protocol):
    """The operations on a bus that tests need beyond its port."""

    kind: str

    def bus(self, service: str, **tuning: float) -> Bus:
        """Give a service its way to the bus; closed after the test."""

    def send(self, publisher: Publisher, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish as a relay does."""

    def done(self, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
        """Settle, commit and acknowledge as a worker does."""

    def delete_queue(self, name: str) -> None:
        """Delete a queue behind its consumers' backs."""

    def cut(self) -> None:
        """Cut every connection to the bus."""

    def wear_out(self, queue: Queue) -> None:
        """Have the only message of a queue delivered as often as it may be, without success."""

    def address(self, service: str) -> str:
        """Give what another process needs to reach the bus."""

    def clean(self) -> None:
        """Close what was opened and remove what was left."""


@dataclass
class Opened:
    """Consumers, publishers and buses that a test opened."""

    closing: ExitStack = field(default_factory=ExitStack)

    def later(self, close: Callable[[], Any]) -> None:
        """Have it closed after the test, the last one first."""
        self.closing.callback(close)


class RabbitWorld(Opened):
    """A virtual host on a running RabbitMQ."""

    kind = "rabbitmq"

    def __init__(self, url: str, services: Sequence[str] = SERVICES) -> None:
        super().__init__()
        self.url = url
        self.services = services
        self.names: set[str] = set()

    def bus(self, service: str, **tuning: float) -> Bus:
        made = RecordingRabbitBus(self.url, service, self.services, **tuning)  # type: ignore[arg-type]
        made.names = self.names
        self.later(made.close)
        return made

    def send(self, publisher: Publisher, messages: Sequence[Outgoing]) -> list[Outcome]:
        return publisher.publish(None, messages)  # type: ignore[arg-type]

    def done(self, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
        consumer.acknowledge(incoming)

    def delete_queue(self, name: str) -> None:
        with pika.BlockingConnection(pika.URLParameters(self.url)) as connection:
            connection.channel().queue_delete(name)

    def cut(self) -> None:
        _rabbitmqctl("close_all_connections", "--vhost", pika.URLParameters(self.url).virtual_host, "a test")

    def wear_out(self, queue: Queue) -> None:
        with pika.BlockingConnection(pika.URLParameters(self.url)) as connection:
            channel = connection.channel()
            for _ in range(DELIVERY_LIMIT + 1):
                method, _, _ = next(channel.consume(queue.name))
                channel.basic_reject(method.delivery_tag, requeue=True)
            channel.cancel()

    def address(self, service: str) -> str:
        return self.url

    def clean(self) -> None:
        self.closing.close()
        with pika.BlockingConnection(pika.URLParameters(self.url)) as connection:
            channel = connection.channel()
            for name in (
                *self.names,
                *map(dead_letter_queue_name, self.names),
                *map(control_queue_name, self.services),
            ):
                channel.queue_delete(name)
        self.names.clear()


class RecordingRabbitBus(RabbitBus):
    """Records the queues that a test declares, so that they can be deleted after it."""

    names: set[str]

    def consumer(self, queue: Queue, prefetch: int) -> RabbitConsumer:
        self.names.add(queue.name)
        return super().consumer(queue, prefetch)

    def declare(self, queues: Sequence[Queue], between: Callable[[], object] = lambda: None) -> list[str]:
        self.names.update(queue.name for queue in queues)
        return super().declare(queues, between)


class PostgresWorld(Opened):
    """A database of the test run's own with the schema `bus`."""

    kind = "postgres"

    def __init__(self, url: str, prefix: str) -> None:
        super().__init__()
        self.url = url
        self.roles = {name: provision(url, name, prefix=prefix, app_password=PASSWORD) for name in SERVICES}
        with admin_connection(url) as connection:
            install(connection, self.roles, prefix=prefix)
        self.databases = {
            name: Database(as_role(url, roles.app), schema=name, relay_url=as_role(url, roles.relay))
            for name, roles in self.roles.items()
        }

    def bus(self, service: str, **tuning: float) -> Bus:
        made = PostgresBus(self.address(service), service, **{"poll_seconds": 0.2, **tuning})
        self.later(made.close)
        return made

    def send(self, publisher: Publisher, messages: Sequence[Outgoing], service: str = "alpha") -> list[Outcome]:
        connection = self.databases[service].relay_connection()
        try:
            connection.autocommit = False
            outcomes = publisher.publish(connection, messages)
            connection.commit()
            return outcomes
        finally:
            connection.close()

    def done(self, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
        service = consumer._queue.name.split(".")[0]  # type: ignore[attr-defined]
        with self.databases[service].session(1) as session:
            with session.begin():
                consumer.settle(session.connection(), incoming)
            consumer.acknowledge(incoming)

    def delete_queue(self, name: str) -> None:
        self.admin("delete from bus.queue where name = %s", name)

    def cut(self) -> None:
        self.admin(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )

    def wear_out(self, queue: Queue) -> None:
        self.admin("update bus.message set deliveries = %s where queue = %s", DELIVERY_LIMIT, queue.name)

    def address(self, service: str) -> str:
        return as_role(self.url, self.roles[service].app)

    def admin(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the superuser."""
        with admin_connection(self.url) as connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def clean(self) -> None:
        self.closing.close()
        self.admin("truncate bus.queue, bus.binding, bus.message, bus.refill")
        for database in self.databases.values():
            database.dispose()


class MemoryWorld(Opened):
    """The bus that unit tests use."""

    kind = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.memory = MemoryBus()

    def bus(self, service: str, **tuning: float) -> Bus:
        return self.memory

    def send(self, publisher: Publisher, messages: Sequence[Outgoing]) -> list[Outcome]:
        return publisher.publish(None, messages)  # type: ignore[arg-type]

    def done(self, consumer: QueueConsumer, incoming: Sequence[Incoming]) -> None:
        consumer.acknowledge(incoming)

    def delete_queue(self, name: str) -> None:
        self.memory.delete(name)

    def cut(self) -> None:
        raise NotImplementedError("the bus in memory has no connections")

    def wear_out(self, queue: Queue) -> None:
        consumer = self.memory.consumer(queue, 1)
        [incoming] = consumer.receive(1, 0)
        consumer.acknowledge([incoming])
        self.memory.give_up_on(queue.name, incoming.message)

    def address(self, service: str) -> str:
        raise NotImplementedError("no other process can reach the bus in memory")

    def clean(self) -> None:
        self.closing.close()
