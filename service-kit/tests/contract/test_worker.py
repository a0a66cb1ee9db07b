"""The kit's relay and worker on every real bus: announced at one end, one effect at the other."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from service_kit.database.engine import Database
from service_kit.database.provision import admin_connection
from service_kit.messaging import outbox, parked
from service_kit.messaging.bus.port import Outgoing
from service_kit.messaging.bus.postgres import install
from service_kit.messaging.event import Message
from service_kit.messaging.worker import Worker
from service_kit.testing import rabbitmq
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

from ..messaging.shop import (
    QUEUE,
    Moody,
    announce,
    contracts_of_shop,
    event,
    eventually,
    message,
    note,
    notes,
    rows,
    settings_of_shop,
    subscription,
)
from .shop_worker import bus_of_shop
from .worlds import RabbitWorld

QUEUES = contracts_of_shop().deployed_queues()
STATES = "select state, attempts, reason from parked order by id"
WAITING = "select count(*) from outbox where published_at is null"


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
        """Put messages into the queue past the relay, as a foreign producer or a fault might."""
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
            assert worker.stop(20)
            worker._database.dispose()
        self.database.dispose()


def wait_for_line(process: "subprocess.Popen[str]", wanted: str) -> None:
    """Read the process's output, past its logs, until it says so."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == wanted:
            return
    raise AssertionError(f"the process ended without saying {wanted}")


def rows_changed(kit: ServiceDatabase, sql: str) -> None:
    """Change something as the superuser."""
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture(
    params=[pytest.param("rabbitmq", marks=pytest.mark.rabbitmq), pytest.param("postgres", marks=pytest.mark.postgres)]
)
def shop(
    request: pytest.FixtureRequest,
    service_database: ServiceDatabaseFactory,
    tmp_path: Path,
    shop_vhost: Callable[[], str],
) -> Iterator[Shop]:
    """`shop` on each bus, empty."""
    kit = service_database("kit", "service_kit.testing.migrations")
    kit.clean()
    if request.param == "rabbitmq":
        address = shop_vhost()
    else:
        address = kit.url
        with admin_connection(kit.admin_url) as connection:
            install(connection, {"shop": kit.roles}, prefix=kit.prefix)
        rows_changed(kit, "truncate bus.queue, bus.binding, bus.message, bus.refill")
    made = Shop(request.param, kit, tmp_path, address)
    yield made
    made.close()
    if request.param == "rabbitmq":
        world = RabbitWorld(address, ["shop"])
        world.names.add(QUEUE)
        world.clean()


@pytest.fixture(scope="module")
def shop_vhost(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """A virtual host for this file, made when it is first asked for."""
    with ExitStack() as stack:
        made: list[str] = []

        def url() -> str:
            if not made:
                made.append(stack.enter_context(rabbitmq.temporary_vhost(request.getfixturevalue("rabbitmq_url"))))
            return made[0]

        yield url


def numbers(shop: Shop) -> list[int]:
    """Return the numbers of the things noted, sorted."""
    return sorted(int(line.split()[2]) for line in notes(shop.kit))


def announce_many(shop: Shop, wanted: Sequence[int]) -> None:
    """Announce things with these numbers, each a subject of its own."""
    announce(shop.database, *(event(subject=str(number), number=number) for number in wanted))


def test_what_is_announced_has_its_effect_and_leaves_nothing_behind(shop: Shop) -> None:
    worker = shop.run()
    announce_many(shop, range(100))
    eventually(lambda: numbers(shop) == list(range(100)))
    eventually(lambda: rows(shop.kit, WAITING) == [(0,)])
    assert all(check["ok"] for check in worker.status().values())


def test_a_doubled_event_has_its_effect_once(shop: Shop) -> None:
    twice = message(number=1)
    shop.run()
    shop.send(twice, twice)
    shop.send(twice, message(subject="2", number=2))
    eventually(lambda: 2 in numbers(shop))
    assert numbers(shop) == [1, 2]


def test_a_late_revision_still_happens_but_is_told_to_be_late(shop: Shop) -> None:
    shop.run()
    shop.send(message("thing.changed", number=2, revision=2))
    eventually(lambda: numbers(shop) == [2])
    shop.send(message("thing.changed", number=1, revision=1))
    eventually(lambda: notes(shop.kit) == ["thing.changed 1 2", "thing.changed 1 1 late"])


def test_poison_is_put_aside_and_tried_again_later_while_the_others_go_on(shop: Shop) -> None:
    moody = Moody({17})
    shop.run(moody, retry_seconds=(0.2,) * 100)
    announce_many(shop, range(40))
    others = [number for number in range(40) if number != 17]
    eventually(lambda: numbers(shop) == others)
    eventually(lambda: rows(shop.kit, "select attempts >= 2 from parked") == [(True,)])
    moody.mended()
    eventually(lambda: numbers(shop) == list(range(40)))
    eventually(lambda: rows(shop.kit, STATES) == [])


def test_what_fails_again_and_again_is_a_dead_letter_with_its_reason_and_can_be_replayed(shop: Shop) -> None:
    moody = Moody({1})
    shop.run(moody, retry_seconds=(0.05, 0.05))
    announce_many(shop, [1])
    eventually(lambda: rows(shop.kit, STATES) == [("dead", 3, "ValueError: disliked")])
    moody.mended()
    with shop.database.session(1) as session, session.begin():
        [letter] = parked.list_parked(session)
        assert parked.replay(session, letter.id, actor="somebody")
    eventually(lambda: numbers(shop) == [1])
    eventually(lambda: rows(shop.kit, STATES) == [])


def test_what_reaches_no_queue_stays_in_the_outbox_until_it_does(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = shop.worker()
    # Only the relay, because a consumer would bring the queue back.
    stop = threading.Event()
    relay = threading.Thread(target=worker.relay.run, args=(stop,))
    relay.start()
    try:
        announce_many(shop, [1])
        eventually(lambda: rows(shop.kit, WAITING) == [(0,)])
        with monkeypatch.context() as patch:
            patch.setattr(worker._bus, "declare", lambda _queues: [])
            shop.delete_queue()
            announce_many(shop, [2])
            eventually(lambda: rows(shop.kit, "select attempts from outbox where subject = '2'") >= [(1,)])
            assert rows(shop.kit, WAITING) == [(1,)]
        eventually(lambda: rows(shop.kit, WAITING) == [(0,)], seconds=20)
    finally:
        stop.set()
        relay.join()
    shop.run()
    eventually(lambda: numbers(shop) == [1, 2])


def test_a_queue_deleted_with_everything_in_it_loses_no_effect(shop: Shop) -> None:
    gate = threading.Event()

    def slowly(session: Any, deliveries: Any) -> None:
        gate.wait(20)
        note(session, deliveries)

    shop.run(slowly)
    announce_many(shop, range(60))
    eventually(lambda: rows(shop.kit, WAITING) == [(0,)])
    shop.delete_queue()
    gate.set()
    eventually(lambda: numbers(shop) == list(range(60)), seconds=30)


def test_connections_cut_again_and_again_lose_nothing_and_double_nothing(shop: Shop) -> None:
    shop.run()
    for part in range(4):
        announce_many(shop, range(part * 50, part * 50 + 50))
        shop.cut()
        time.sleep(0.2)
    eventually(lambda: len(numbers(shop)) >= 200, seconds=40)
    assert numbers(shop) == list(range(200))


def test_a_worker_killed_with_messages_in_hand_is_replaced_and_the_effects_happen_once(shop: Shop) -> None:
    announce_many(shop, range(20))
    with shop.process("slow") as process:
        wait_for_line(process, "in hand")
        process.send_signal(signal.SIGKILL)
        process.wait()
        shop.run()
        eventually(lambda: numbers(shop) == list(range(20)), seconds=30)


@pytest.mark.slow
def test_a_stopped_relay_is_replaced_and_doubles_nothing_when_it_wakes_up(shop: Shop) -> None:
    with shop.process() as process:
        announce_many(shop, range(10))
        eventually(lambda: numbers(shop) == list(range(10)))
        process.send_signal(signal.SIGSTOP)
        announce_many(shop, range(10, 20))
        shop.worker().start()
        # The server takes the lock from a session that was silent for 10 s.
        eventually(lambda: numbers(shop) == list(range(20)), seconds=40)
        process.send_signal(signal.SIGCONT)
        announce_many(shop, range(20, 30))
        eventually(lambda: len(numbers(shop)) >= 30)
        assert numbers(shop) == list(range(30))
