"""A consumer that dies or stops takes nothing with it. Real processes, real signals."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .acting import collect, consumer_of, ids, nothing_more, queue, send
from .worlds import World

WORK = queue("beta.work", "ticket.*")


@contextmanager
def process_holding(world: World, count: int) -> Iterator[subprocess.Popen[str]]:
    """Run another consumer of the queue that holds `count` messages."""
    script = Path(__file__).with_name("holder.py")
    process = subprocess.Popen(
        [sys.executable, str(script), world.kind, world.address("beta"), WORK.name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == f"holding {count}"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_what_a_killed_consumer_held_is_delivered_again(broker: World) -> None:
    consumer = consumer_of(broker, WORK, prefetch=1)
    sent = send(broker, *["ticket.created"] * 6)
    mine = collect(consumer, 1)
    with process_holding(broker, 5) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        for _ in range(5):
            broker.done(consumer, mine[-1:])
            mine += collect(consumer, 1)
    assert sorted(ids(mine)) == sorted(sent)
    assert sorted(each.deliveries for each in mine) == [1, 2, 2, 2, 2, 2]


def test_what_a_stopped_consumer_held_is_delivered_again(broker: World) -> None:
    with process_holding_after_send(broker) as (process, sent):
        process.send_signal(signal.SIGSTOP)
        consumer = consumer_of(broker, WORK, fresh=False)
        again = collect(consumer, len(sent))
        assert sorted(ids(again)) == sorted(sent)
        broker.done(consumer, again)
        process.send_signal(signal.SIGCONT)
        nothing_more(consumer)


@contextmanager
def process_holding_after_send(world: World) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Publish to the queue first, then let another process take it all."""
    consumer = consumer_of(world, WORK)
    consumer.close()
    sent = send(world, *["ticket.created"] * 3)
    with process_holding(world, 3) as process:
        yield process, sent
