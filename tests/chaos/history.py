"""Everything that was written down during a run, brought together."""

import contextlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from eventbus.bus.port import Queue
from eventbus.contracts import Contracts

from tests.chaos.cluster import Cluster
from tests.chaos.concerned import concerns
from tests.chaos.load import Call, Expected, Load
from tests.stack import SCHEMAS

SERVICE_OF = {schema: service for service, schema in SCHEMAS.items()}
STATES = {
    "tickets": "select * from ticket.tickets",
    "routed": "select * from routing.tickets",
    "counted": "select * from analytics.ticket_state",
    "totals": "select * from analytics.ticket_totals",
    "routing_totals": "select * from routing.routing_totals",
}


@dataclass(frozen=True)
class Change:
    """One row that a committed transaction inserted, updated or deleted."""

    seq: int
    at: float
    schema: str
    table: str
    action: str
    line: Mapping[str, Any]


@dataclass(frozen=True)
class Publication:
    """What became of one attempt to publish an event."""

    at: float
    service: str
    queue: str | None
    event_id: str
    outcome: str


@dataclass(frozen=True)
class Receipt:
    """An event that a consumer was given."""

    at: float
    queue: str
    event_id: str


@dataclass
class History:
    """One run, from the calls to the final states."""

    queues: Mapping[str, tuple[str, ...]]
    """Which event types go to which queue."""
    final: frozenset[str]
    calls: list[Call] = field(default_factory=list)
    tickets: list[Expected] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    """Where processes ended by themselves, as told to."""
    states: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    converged_seconds: float | None = 0.0
    """After the load and the last fault had ended; None where it did not within the limit."""

    def summary(self) -> str:
        """Sum it up in a line."""
        crashed = ", ".join(f"{times} × {point}" for point, times in sorted(Counter(self.crashes).items()))
        published, received = len(self.publications), len(self.receipts)
        events = sum(change.table == "outbox" and change.action == "INSERT" for change in self.changes)
        answers = Counter(str(call.status or call.detail) for call in self.calls)
        again = received - len({(receipt.queue, receipt.event_id) for receipt in self.receipts})
        took = "never" if self.converged_seconds is None else f"{self.converged_seconds:.1f} s"
        return (
            f"{len(self.calls)} calls {dict(sorted(answers.items()))}, {len(self.tickets)} tickets, "
            f"{events} events, {published} publications, {received} deliveries ({again} again), converged: {took}; "
            f"crashed at will: {crashed or 'never'}"
        )


def gather(cluster: Cluster, load: Load, converged_seconds: float | None) -> History:
    """Read all that was written down about a run that has ended."""
    contracts = Contracts.installed()
    history = History(
        queues={queue.name: queue.patterns for queue in contracts.deployed_queues()},
        final=frozenset(kind for kind in contracts.schemas if contracts.is_final(kind)),
        calls=load.calls,
        tickets=load.tickets,
        converged_seconds=converged_seconds,
    )
    for path in sorted(cluster.history.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            _note(history, orjson.loads(line))
    with contextlib.closing(cluster.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select seq, extract(epoch from at)::float8, schema_name, table_name, action, line "
            "from audit.log order by seq"
        )
        history.changes = [Change(*row) for row in cursor.fetchall()]
        states = {}
        for name, query in STATES.items():
            cursor.execute(f"select to_jsonb(row) from ({query}) as row")
            states[name] = [line for (line,) in cursor.fetchall()]
        history.states = states
    return history


def _note(history: History, line: Mapping[str, Any]) -> None:
    if line["kind"] == "crashed":
        history.crashes.append(line["point"])
    elif line["kind"] == "delivered":
        history.receipts += [Receipt(line["at"], line["queue"], event_id) for event_id in line["events"]]
    else:
        history.publications += [
            Publication(line["at"], line["service"], line["queue"], event_id, outcome)
            for event_id, outcome in line["events"]
        ]


def wait_until_quiet(cluster: Cluster, seconds: float) -> float | None:
    """Wait until every event has been published and taken by every queue it goes to; return how long that took.

    None where it isn't so within `seconds`; then the checker tells what is missing.
    """
    started = time.monotonic()
    queues = Contracts.installed().deployed_queues()
    while time.monotonic() - started < seconds:
        with contextlib.closing(cluster.connect()) as connection, connection.cursor() as cursor:
            if not open_work(cursor, queues):
                return time.monotonic() - started
        time.sleep(0.25)
    return None


def open_work(cursor: Any, queues: Sequence[Queue]) -> bool:
    """Tell whether anything is unpublished, put aside, or missing in an inbox."""
    outboxes = " union all ".join(f"select * from {schema}.outbox" for schema in SERVICE_OF)
    unpublished = f"(select count(*) from ({outboxes}) o where published_at is null)"
    cursor.execute(f"select {' + '.join([unpublished, *(f'(select count(*) from {s}.parked)' for s in SERVICE_OF)])}")
    if cursor.fetchone()[0]:
        return True
    for queue in queues:
        schema = SCHEMAS[queue.name.partition(".")[0]]
        cursor.execute(
            f"select to_jsonb(o) from ({outboxes}) o where type = any(%s) and not exists "
            f"(select from {schema}.inbox where queue = %s and event_id = o.id)",
            (list(queue.patterns), queue.name),
        )
        if any(concerns(queue.name, line) for (line,) in cursor.fetchall()):
            return True
    return False
