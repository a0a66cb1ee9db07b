"""What clients of real time notice when the live process is killed: one storm of returns, or many kills in a row.

`python -m benchmarks.live --storm [CLIENTS]` and `python -m benchmarks.live --kills KILLS [CLIENTS]`. Of each eleven
clients ten follow one ticket by WebSocket, and one follows everything by an event stream. All come back at a random
moment within five seconds, with their cursors.
"""

import random
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

import requests
from init_db.testing.databases import service_database
from notification_service.domain.changes import of_ticket
from notification_service.store import live_events
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase

from benchmarks import gateways
from benchmarks.live_followers import RETURN_SECONDS, Seen, follow
from benchmarks.machine import percentile
from benchmarks.report import Row, Table
from tests.stack import admin_url

COMPANY = 7
CONNECT_SECONDS = 600.0
SETTLE_SECONDS = 60.0
CALM_SECONDS = 10.0
REFUSED_GOAL_SECONDS = 15.0
OTHERS_GOAL = 3.0
CHANGES_PER_SECOND = 10.0
KILL_PAUSE_SECONDS = (1.0, 8.0)
LIMITS = {f"TUNNELS{name}": "20000" for name in ("", "_PER_ADDRESS", "_PER_USER", "_PER_COMPANY")}


@dataclass
class Changes:
    """Stores changes at a steady rate, in a thread, until it is stopped."""

    database: Database
    rooms: int
    stored: dict[int, float] = field(default_factory=dict)
    """When each version was stored for certain."""
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Store until the end."""
        number = 0
        while not self.stop.wait(1 / CHANGES_PER_SECOND):
            number += 1
            with self.database.session(COMPANY) as session, session.begin():
                live_events.add(session, [of_ticket(COMPANY, number % self.rooms + 1, None, "ticket.updated", number)])
            self.stored[number] = time.monotonic()

    def missing(self, seen: Seen) -> int:
        """Return how many changes a client has missed: those stored after its first connection and its last `reset`."""
        began, known = seen.returns[0], max(seen.resets, default=0.0)
        return sum(
            version not in seen.versions
            for version, at in self.stored.items()
            if at > max(began, known) and seen.room in (None, version % self.rooms + 1)
        )


@dataclass
class Others:
    """Requests of another service through the same gateway, in a thread, and how long each took."""

    url: str
    took: list[tuple[float, float]] = field(default_factory=list)
    failed: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ask until the end."""
        with requests.Session() as session:
            while not self.stop.wait(0.02):
                began = time.monotonic()
                answer = session.get(f"{self.url}/api/tickets/1", headers=gateways.bearer(), timeout=60)
                self.took.append((began, time.monotonic() - began))
                self.failed += answer.status_code >= 500

    def p99(self, since: float, until: float) -> float:
        """Return the p99 of requests that began in a time, in seconds."""
        return percentile([took for began, took in self.took if since <= began < until], 0.99)


@dataclass
class Desk:
    """A gateway and a live process under load, with their clients."""

    made: ServiceDatabase
    live: gateways.Program
    changes: Changes
    others: Others
    connected: Any
    clients: int

    def kill(self) -> float:
        """Kill the live process, start another one as a supervisor does, and return when."""
        assert self.live.process is not None
        self.live.process.send_signal(signal.SIGKILL)
        self.live.process.wait()
        at = time.monotonic()
        self.live.start()
        return at

    def kill_connections(self) -> None:
        """End the connections of the live process to its database, that which is notified too."""
        self.made.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name like '%% live'"
        )

    def until_all_are_back(self) -> None:
        """Wait until every client is connected."""
        wait_until(lambda: self.connected.value == self.clients, CONNECT_SECONDS)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the clients are not back"
        time.sleep(0.05)


@contextmanager
def desk(clients: int, results: list[Seen]) -> Iterator[Desk]:
    """Start everything, connect the clients, store changes; in the end collect what the clients saw."""
    context = get_context("spawn")
    connected, stop = context.Value("i", 0), context.Event()
    receiver, sender = context.Pipe(duplex=False)
    with (
        service_database(admin_url(), "notification", "notification_service.migrations") as made,
        gateways.folder() as folder,
    ):
        service, live = gateways.stub_service(), gateways.live_process(made.url)
        gateway = gateways.gateway({"": service}, folder, LIVE_URL=live.url, **LIMITS)
        with gateways.running(service, live, gateway):
            arguments = (gateway.url, gateways.bearer(), clients, connected, stop, sender)
            process = context.Process(target=follow, args=arguments, daemon=True)
            process.start()
            changes = Changes(made.database, (clients + 10) // 11)
            others = Others(gateway.url)
            found = Desk(made, live, changes, others, connected, clients)
            found.until_all_are_back()
            threads = [threading.Thread(target=each.run, daemon=True) for each in (changes, others)]
            for thread in threads:
                thread.start()
            yield found
            changes.stop.set()
            others.stop.set()
            for thread in threads:
                thread.join()
            found.until_all_are_back()
            time.sleep(2)  # the last changes are on their way
            stop.set()
            assert receiver.poll(SETTLE_SECONDS), "the clients do not end"
            results.extend(receiver.recv())
            process.join(SETTLE_SECONDS)


def storm(clients: int = 1_000) -> Table:
    """Kill the live process once, and look at the way back of each client."""
    results: list[Seen] = []
    with desk(clients, results) as found:
        began = time.monotonic()
        time.sleep(CALM_SECONDS)
        calm = found.others.p99(began, time.monotonic())
        killed = found.kill()
        wait_until(lambda: found.connected.value < found.clients, SETTLE_SECONDS)
        found.until_all_are_back()
        back = time.monotonic()
        time.sleep(1)
    stormy = found.others.p99(killed, back)
    returns = [min(at for at in each.returns if at > killed) - killed for each in results]
    table = Table(
        f"{clients} clients come back after the live process was killed, {CHANGES_PER_SECOND:.0f} changes a second"
    )
    table.rows = [
        Row("all are back after", f"{max(returns):.1f} s", f"≤ {REFUSED_GOAL_SECONDS:.0f} s",
            max(returns) <= REFUSED_GOAL_SECONDS,
            f"median {statistics.median(returns):.1f} s; each waits up to {RETURN_SECONDS:.0f} s by itself"),
        Row("refusals of a client", f"{sum(each.refused for each in results) / clients:.1f}",
            besides=f"at most {max(each.refused for each in results)}; 503 with Retry-After"),
        *_seen(found, results),
        Row("p99 of other routes, against before", f"× {stormy / calm:.1f}", f"≤ {OTHERS_GOAL:.0f}",
            stormy <= OTHERS_GOAL * calm,
            f"{1e3 * calm:.0f} ms before, {1e3 * stormy:.0f} ms meanwhile; {found.others.failed} failed"),
    ]  # fmt: skip
    return table


def kills(number: int = 50, clients: int = 110) -> Table:
    """Kill the live process, or its connections to the database, again and again at random moments."""
    results: list[Seen] = []
    chance = random.Random(1)
    processes = 0
    with desk(clients, results) as found:
        for _ in range(number):
            time.sleep(chance.uniform(*KILL_PAUSE_SECONDS))
            if chance.random() < 0.5:
                found.kill_connections()
            else:
                found.kill()
                processes += 1
    table = Table(f"{number} kills under {clients} clients, {CHANGES_PER_SECOND:.0f} changes a second")
    table.rows = [
        Row("kills", f"{number}", besides=f"{processes} of the process, the others of its connections to the database"),
        *_seen(found, results),
        Row("cuts of a client", f"{sum(len(each.cuts) for each in results) / clients:.1f}"),
    ]
    return table


def _seen(found: Desk, results: list[Seen]) -> list[Row]:
    missing = sum(map(found.changes.missing, results))
    return [
        Row("changes that a client has missed", f"{missing}", "0", missing == 0,
            f"{len(found.changes.stored):,} stored, {sum(len(each.versions) for each in results):,} received"),
        Row("resets", f"{sum(len(each.resets) for each in results)}", besides="a client then reads everything anew"),
    ]  # fmt: skip
