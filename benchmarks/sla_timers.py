"""What do 100,000 open clocks cost, and how late is a breach found? `python -m benchmarks.sla_timers [CLOCKS]`"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from threading import Event, Thread

from service_kit.telemetry.cause import Cause
from service_kit.testing.postgres import ServiceDatabase
from workflow_service.store import tasks
from workflow_service.usecases.refresh_clocks import refresh_clocks
from workflow_service.usecases.run_scans import INTERVAL_SECONDS, run_scans
from workflow_service.usecases.scan_due import scan_due

from benchmarks.machine import percentile
from benchmarks.report import Row, Table
from benchmarks.workflow_tables import Instance, Spent, filled

LOOKS = 300
AT_ONCE = 10_000
SPREAD, SPREAD_SECONDS = 1_000, 20
REFRESHED = 5_000
BATCH = 500
GOAL_SECONDS = 5.0

TEAM = """
    insert into teams (company_id, team_id, name, department, is_active, members, gone, revision)
    values (1, 1, 'T', 'IT Support', true, '[{"email": "lea@example.com", "name": "Lea", "role": "lead"}]', false, 1)
"""
WORKFLOW = """
    insert into workflows (company_id, name, state) overriding system value values (1, 'W', 'deployed');
    insert into workflow_versions (company_id, workflow_id, version, steps, transitions, urgent_sla_seconds,
        high_sla_seconds, medium_sla_seconds, low_sla_seconds, assignment)
    select 1, id, 1, '[{"name": "New", "role": "agent", "order": 1}, {"name": "Done", "role": "agent", "order": 2}]',
        '[{"source": "New", "target": "Done", "name": "Done"}]', 3600, 7200, 14400, 28800, 'round_robin' from workflows;
"""
TASKS = """
    with t as (
        insert into tasks (company_id, ticket_id, workflow_id, workflow_version, matched_by, department, priority, step,
            revision, clocks)
        select 1, (select coalesce(max(ticket_id), 0) from tasks) + n, (select id from workflows), 1, 'x', 'IT Support',
            'high', 'New', 1, '[]'
        from generate_series(1, %(number)s) n returning id, created_at
    )
    insert into clocks (company_id, task_id, kind, opened_at, target_seconds, state, due_at, pending, next_at)
    select 1, id, 'resolution', created_at, 7200, 'running', due, jsonb_build_array(jsonb_build_object(
        'due_at', to_char(due, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        'at', to_char(due, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), 'reason', 'due')), due
    from t, lateral (
        select now() + make_interval(secs => %(first)s + %(span)s * (t.id %% %(number)s)::float / %(number)s) as due
    ) d
"""


def main(clocks: int = 100_000) -> Table:
    """Fill a database with open clocks and measure scans on it."""
    table = Table(f"{clocks:,} open clocks")
    tasks_of_days = {"number": clocks, "first": 86_400, "span": 864_000}
    with filled({TEAM: {}, WORKFLOW: {}, TASKS: tasks_of_days}) as (made, instance):
        table.rows += [
            _look(instance),
            _at_once(made, instance),
            _spread(made, instance),
            _refresh(made, instance, clocks),
        ]
    return table


def _look(instance: Instance) -> Row:
    """Measure a scan that finds nothing, beside the shortest statement there is, in turns."""
    looks, pings = [], []
    cpu = time.process_time()
    for _ in range(LOOKS):
        began = time.perf_counter()
        scan_due(instance.database)
        looks.append(time.perf_counter() - began)
    used = (time.process_time() - cpu) / LOOKS
    for _ in range(LOOKS):
        began = time.perf_counter()
        instance.database.companies()
        pings.append(time.perf_counter() - began)
    share = median(looks) / INTERVAL_SECONDS
    return Row(
        "a scan that finds nothing, of a core",
        f"{share:.2%}",
        "≤ 1 %",
        share <= 0.01,
        f"{median(looks) / median(pings):.1f} of a select 1; {1e3 * median(looks):.2f} ms, of which {1e3 * used:.2f} ms"
        " are CPU of the process",
    )


def _at_once(made: ServiceDatabase, instance: Instance) -> Row:
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(TASKS, {"number": AT_ONCE, "first": -60, "span": 0})
    spent = Spent(made)
    while scan_due(instance.database):
        pass
    took, cpu = spent.seconds, spent.cpu()
    assert made.rows("select count(*) from breaches") == [(AT_ONCE,)]
    assert made.rows("select count(*) from escalations") == [(AT_ONCE,)]
    return Row(
        f"{AT_ONCE:,} due at once, declared and escalated",
        f"{took:.1f} s",
        f"≤ {GOAL_SECONDS:.0f} s",
        took <= GOAL_SECONDS,
        f"one scanner: {cpu}",
    )


def _spread(made: ServiceDatabase, instance: Instance) -> Row:
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("select coalesce(max(task_id), 0) from breaches")
        ((last,),) = cursor.fetchall()
        cursor.execute(TASKS, {"number": SPREAD, "first": 2, "span": SPREAD_SECONDS})
    with _scanning(instance):
        time.sleep(SPREAD_SECONDS + 2 + GOAL_SECONDS)
    delays = [
        delay.total_seconds()
        for (delay,) in made.rows(
            "select declared_at - due_at from breaches where task_id > %s and declared_at > due_at", str(last)
        )
    ]
    p99 = percentile(delays, 0.99)
    return Row(
        f"{SPREAD:,} due within {SPREAD_SECONDS} s, found after, p99",
        f"{p99:.2f} s",
        f"≤ {GOAL_SECONDS:.0f} s",
        len(delays) == SPREAD and p99 <= GOAL_SECONDS,
        f"p50 {percentile(delays, 0.5):.2f} s, of which 2 s are for facts on their way; {len(delays):,} found",
    )


def _refresh(made: ServiceDatabase, instance: Instance, clocks: int) -> Row:
    now, cause = datetime.now(UTC) + timedelta(hours=1), Cause(request_id="x")
    spent = Spent(made)
    for first in range(1, REFRESHED, BATCH):
        with instance.database.session(1) as session, session.begin():
            keys = [(1, ticket) for ticket in range(first, first + BATCH)]
            refresh_clocks(session, list(tasks.of_tickets(session, keys).values()), now, cause)
    took, cpu = spent.seconds / REFRESHED * clocks, spent.cpu(clocks / REFRESHED)
    return Row(
        f"the clocks of {clocks:,} tasks computed anew",
        f"{took:.0f} s",
        "≤ 30 s",
        took <= 30,
        f"scaled from {REFRESHED:,}, in transactions of {BATCH}: {cpu}",
    )


@contextmanager
def _scanning(instance: Instance) -> Iterator[None]:
    stopping = Event()
    thread = Thread(target=run_scans, args=(instance.database, stopping))
    thread.start()
    yield
    stopping.set()
    thread.join()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
