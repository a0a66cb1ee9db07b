"""The kit's relay and worker on every real bus: announced at one end, one effect at the other."""

import signal
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from eventbus.publish.refiller import Refiller
from eventbus.retry import dead_letters

from ..messaging.shop import Moody, announce, event, eventually, message, note, notes, rows
from .shop_on_a_bus import Shop, wait_for_line

STATES = "select state, attempts, reason from parked order by id"
WAITING = "select count(*) from outbox where published_at is null"


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


def test_a_late_revision_is_delivered_and_marked_as_late(shop: Shop) -> None:
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
        [letter] = dead_letters.list_dead_letters(session)
        assert dead_letters.replay(session, letter.id, actor="somebody")
    eventually(lambda: numbers(shop) == [1])
    eventually(lambda: rows(shop.kit, STATES) == [])


def test_what_reaches_no_queue_stays_in_the_outbox_until_it_does(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = shop.worker()
    # Only the relay, because a consumer would bring the queue back.
    stop = threading.Event()
    relay = threading.Thread(target=worker.relay.run, args=(stop,))
    try:
        with monkeypatch.context() as patch:
            # So would a refill of the queue that the relay makes first: it would still declare it when it is deleted.
            patch.setattr(Refiller, "accept_requests", lambda _refiller, _publisher: None)
            relay.start()
            announce_many(shop, [1])
            eventually(lambda: rows(shop.kit, WAITING) == [(0,)])
            patch.setattr(worker._bus, "declare", lambda _queues: [])
            shop.delete_queue()
            announce_many(shop, [2])
            eventually(lambda: rows(shop.kit, "select attempts from outbox where subject = '2'") >= [(1,)])
            assert rows(shop.kit, WAITING) == [(1,)]
        eventually(lambda: rows(shop.kit, WAITING) == [(0,)])
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
    eventually(lambda: numbers(shop) == list(range(60)))


def test_connections_cut_again_and_again_lose_nothing_and_double_nothing(shop: Shop) -> None:
    shop.run()
    for part in range(4):
        announce_many(shop, range(part * 50, part * 50 + 50))
        shop.cut()
        time.sleep(0.2)
    eventually(lambda: len(numbers(shop)) >= 200)
    assert numbers(shop) == list(range(200))


def test_a_worker_killed_with_messages_in_hand_is_replaced_and_the_effects_happen_once(shop: Shop) -> None:
    announce_many(shop, range(20))
    with shop.process("slow") as process:
        wait_for_line(process, "received")
        process.send_signal(signal.SIGKILL)
        process.wait()
        shop.run()
        eventually(lambda: numbers(shop) == list(range(20)))


@pytest.mark.slow
def test_a_stopped_relay_is_replaced_and_doubles_nothing_when_it_wakes_up(shop: Shop) -> None:
    with shop.process() as process:
        announce_many(shop, range(10))
        eventually(lambda: numbers(shop) == list(range(10)))
        process.send_signal(signal.SIGSTOP)
        announce_many(shop, range(10, 20))
        shop.worker().start()
        # The server takes the lock from a session that was silent for 10 s.
        eventually(lambda: numbers(shop) == list(range(20)))
        process.send_signal(signal.SIGCONT)
        announce_many(shop, range(20, 30))
        eventually(lambda: len(numbers(shop)) >= 30)
        assert numbers(shop) == list(range(30))
