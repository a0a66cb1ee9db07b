"""Runs workflow-service under a help desk's load while its workers are killed, and reads what was left behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import psutil
from eventbus.bus.rabbitmq import RabbitBus
from eventbus.contracts import Contracts
from init_db.testing.databases import service_database
from psycopg2.extras import RealDictCursor
from service_kit.telemetry.cause import Cause
from service_kit.testing.postgres import ServiceDatabase
from workflow_service.service import SERVICE
from workflow_service.store import tasks
from workflow_service.usecases.refresh_clocks import refresh_clocks

from tests.chaos.cluster import Ground
from tests.chaos.workflow_desk import COMPANIES, Desk, Published
from tests.reaper import kill_with_us
from tests.stack import ROOT, eventually

SECONDS_BETWEEN_ACTS = 0.03
SECONDS_BETWEEN_KILLS = 0.7
QUIET_SECONDS = 180
SOON_SECONDS = 60
"""Clocks that are due later than this belong to the longest targets; nobody waits for them."""
TABLES = {
    "tasks": "select * from tasks",
    "events": "select * from task_events order by id",
    "assignments": "select * from assignments order by id",
    "escalations": "select * from escalations",
    "clocks": "select * from clocks",
    "breaches": "select * from breaches",
    "outbox": "select id::text, company_id, subject, type, revision, body::json as body, published_at from outbox",
    "inbox": "select queue, event_id::text as event_id from inbox",
    "parked": "select * from parked",
}
IDLE = f"""
    select not exists (select from outbox where published_at is null)
        and not exists (select from clocks where next_at < now() + interval '{SOON_SECONDS} s')
"""


@dataclass
class Remains:
    """What a run left behind: the events that were published, the service's rows, and the answers of its API."""

    published: list[Published]
    queues: Mapping[str, tuple[str, ...]]
    """The queues of the service with the event types that go to each."""
    rows: dict[str, list[dict[str, Any]]]
    answers: Mapping[int, int] = field(default_factory=dict)
    kills: int = 0
    seconds_to_quiet: float | None = 0.0
    """After the last act and the last kill; None where work was left when the time was up."""

    def summary(self) -> str:
        """Sum it up in a line."""
        sizes = ", ".join(f"{len(rows)} {name}" for name, rows in self.rows.items())
        took = "never" if self.seconds_to_quiet is None else f"{self.seconds_to_quiet:.1f} s"
        answers = dict(sorted(self.answers.items()))
        return f"{self.kills} kills, {len(self.published)} deliveries, answers {answers}, {sizes}; quiet after {took}"


def shaken_workflow(on: Ground, seed: int, seconds: float) -> Remains:
    """Run the desk for so many seconds while workers are killed; return what is left once nothing is to be done."""
    random = Random(seed)
    with contextlib.ExitStack() as exits:
        made = exits.enter_context(
            service_database(on.postgres.admin_url, SERVICE.schema, "workflow_service.migrations")
        )
        mapping = _settings(on, made, exits)
        instance = SERVICE.instance(SERVICE.read_settings(mapping))
        exits.callback(instance.close)
        keeper = exits.enter_context(_workers(mapping))
        bus = RabbitBus(mapping["RABBITMQ_URL"], "desk", [SERVICE.name])
        desk = Desk(bus, instance.create_app().test_client(), random)
        exits.callback(desk.close)
        desk.open()
        eventually(lambda: made.rows("select (select count(*) from teams), (select count(*) from users)") == [(2, 6)])
        kills = _shake(desk, keeper, Random(seed + 1), seconds)
        quiet = _wait_until_quiet(made, desk)
        remains = _read(made, desk, kills, quiet)
        remains.rows["recomputed"] = _recompute(made, instance)
        return remains


def _settings(on: Ground, made: ServiceDatabase, exits: contextlib.ExitStack) -> dict[str, str]:
    vhost = urlsplit(made.admin_url).path.strip("/")
    on.rabbitmq.ctl("add_vhost", vhost)
    exits.callback(on.rabbitmq.ctl, "delete_vhost", vhost)
    on.rabbitmq.ctl("set_permissions", "-p", vhost, "guest", ".*", ".*", ".*")
    return {
        "SMARTTICKET_ENV": "development",
        "SMARTTICKET_SERVICES": SERVICE.name,
        "DATABASE_URL": made.url,
        "RELAY_DATABASE_URL": made.relay_url,
        "RABBITMQ_URL": on.rabbitmq.url + vhost,
        "RUNTIME_DIR": str(on.postgres.root),
        "LOG_LEVEL": "WARNING",
    }


@contextlib.contextmanager
def _workers(mapping: Mapping[str, str]) -> Iterator[psutil.Process]:
    """Yield the process that forks the workers and forks them again when they end."""
    log = Path(mapping["RUNTIME_DIR"]) / "workflow-workers.log"
    with log.open("ab") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.workflow_workers", json.dumps(dict(mapping))],
            cwd=ROOT, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    kill_with_us("group", keeper.pid)
    try:
        yield psutil.Process(keeper.pid)
    finally:
        os.killpg(keeper.pid, signal.SIGKILL)
        keeper.wait(60)
        for line in log.read_text(errors="replace").splitlines()[-5:]:
            sys.stderr.write(f"{line[:500]}\n")


def _shake(desk: Desk, keeper: psutil.Process, random: Random, seconds: float) -> int:
    """Let the desk act, and kill one worker after the other in between; return the number of kills."""
    kills, ends_at = 0, time.monotonic() + seconds
    kill_at = time.monotonic() + SECONDS_BETWEEN_KILLS
    while time.monotonic() < ends_at:
        desk.act()
        time.sleep(random.uniform(0, 2 * SECONDS_BETWEEN_ACTS))
        if time.monotonic() > kill_at:
            with contextlib.suppress(psutil.Error, IndexError):
                random.choice(keeper.children()).kill()
                kills += 1
            kill_at = time.monotonic() + random.expovariate(1 / SECONDS_BETWEEN_KILLS)
    return kills


def _wait_until_quiet(made: ServiceDatabase, desk: Desk) -> float | None:
    """Return how long it took until every event was taken, every clock declared and every event published."""
    began = time.monotonic()
    while time.monotonic() - began < QUIET_SECONDS:
        taken = {event_id for (event_id,) in made.rows("select event_id::text from inbox")}
        if {each.id for each in desk.published} <= taken and made.rows(IDLE) == [(True,)]:
            return time.monotonic() - began
        time.sleep(0.25)
    return None


def _recompute(made: ServiceDatabase, instance: Any) -> list[dict[str, Any]]:
    """Compute the clocks of all tasks anew from the facts and return them; none should differ from what is stored."""
    for company_id in COMPANIES:
        with instance.database.session(company_id) as session, session.begin():
            tickets = made.rows("select company_id, ticket_id from tasks where company_id = %s", company_id)
            found = list(tasks.of_tickets(session, [(company, ticket) for company, ticket in tickets]).values())
            refresh_clocks(session, found, datetime.now(UTC), Cause("chaos"))
    return _rows(made, TABLES["clocks"])


def _rows(made: ServiceDatabase, query: str) -> list[dict[str, Any]]:
    with made.admin() as connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query)
        return [dict(row) for row in cursor.fetchall()]


def _read(made: ServiceDatabase, desk: Desk, kills: int, quiet: float | None) -> Remains:
    rows = {name: _rows(made, query) for name, query in TABLES.items()}
    queues = {queue.name: queue.patterns for queue in Contracts.installed().queues(SERVICE.name)}
    return Remains(desk.published, queues, rows, desk.answers, kills, quiet)
