"""What does a task's move cost, and how much later than its department has a ticket its assignee?

`python -m benchmarks.workflow_moves [TICKETS]`
"""

import sys
from typing import Any

import orjson
from service_kit.identity import Caller, TokenSigner
from service_kit.service_settings import development_signing_key
from workflow_service.domain.default_workflow import DEFINITION

from benchmarks import load
from benchmarks.machine import CpuClock, percentile
from benchmarks.report import Row, Table
from benchmarks.stored import ask, posted
from tests.stack import Stack, eventually

SERVICE = "workflow-service"
TICKETS_PER_SECOND = 20
MOVES_PER_SECOND = 50
WARM_UP = 60
MOVE_MS = 8.0
ASSIGNED_RATIO = 2.0
PEOPLE = 20

TEAM = f"""
    insert into workflow.teams (company_id, team_id, name, department, is_active, members, gone, revision)
    select 1, 1, 'Everybody', null, true, jsonb_agg(jsonb_build_object(
        'email', 'person' || n || '@example.com', 'name', 'Person ' || n, 'role', 'agent')), false, 1
    from generate_series(1, {PEOPLE}) n
"""
FIRST = """
    select ticket_id, min(extract(epoch from created_at)::float) from ticket.ticket_events
    where event_type = 'KIND' group by ticket_id
"""
UNASSIGNED = "select count(*) from ticket.tickets where assignee is null"
TASKS = "select id from workflow.tasks order by id desc"
STEPS = tuple(step.name for step in DEFINITION.steps[1:])


def main(tickets: int = 400) -> Table:
    """Create tickets, wait until each has its assignee, and move their tasks through the default workflow."""
    table = Table(f"Tasks of {tickets} tickets, {PEOPLE} people, {TICKETS_PER_SECOND} tickets a second, on RabbitMQ")
    with Stack() as stack:
        ask(stack, TEAM)
        create(stack, WARM_UP)
        table.rows.append(assignment(stack, tickets))
        table.rows += moves(stack, tickets)
    return table


def create(stack: Stack, number: int) -> dict[int, float]:
    """POST tickets and wait until each has its assignee; return when each was sent, by the clock on the wall."""

    def make(place: int) -> bytes:
        return load.request(stack.url, "POST", "/api/tickets", {"Prefer": "respond-async"}, posted(place))

    seconds = number / TICKETS_PER_SECOND
    outcome = load.run(stack.url, make, clients=8, seconds=seconds, per_second=TICKETS_PER_SECOND, keep=True)
    assert set(outcome.statuses) == {201}, outcome.statuses
    eventually(lambda: ask(stack, UNASSIGNED) == [(0,)])
    return {orjson.loads(body)["id"]: sent for body, sent in zip(outcome.bodies, outcome.sent, strict=True)}


def assignment(stack: Stack, number: int) -> Row:
    """Compare the time to the assignee with the time to the department, both as the ticket shows them."""
    clock = CpuClock(stack)
    sent = create(stack, number)
    delays: dict[str, list[float]] = {}
    for kind in ("routed", "assigned"):
        shown: dict[int, float] = dict(ask(stack, FIRST.replace("KIND", kind)))
        delays[kind] = [shown[ticket] - at for ticket, at in sent.items()]
    department, assignee = (percentile(delays[kind], 0.5) for kind in ("routed", "assigned"))
    ratio = assignee / department
    return Row(
        "ticket → assignee, p50, against ticket → department",
        f"× {ratio:.2f}",
        f"≤ × {ASSIGNED_RATIO:.0f}",
        ratio <= ASSIGNED_RATIO,
        f"{assignee * 1e3:.1f} and {department * 1e3:.1f} ms; p99 {percentile(delays['assigned'], 0.99) * 1e3:.1f} and "
        f"{percentile(delays['routed'], 0.99) * 1e3:.1f} ms; {len(sent)} tickets; {clock.stolen()}",
    )


def moves(stack: Stack, number: int) -> list[Row]:
    """Move each task from step to step at the service, as the gateway would send it."""
    signer = TokenSigner("api-gateway", development_signing_key("api-gateway"))
    admin = Caller(company_id=1, role="admin", subject="1", name="Benchmark")
    ids: list[Any] = [task_id for (task_id,) in ask(stack, TASKS)][:number]

    def make(place: int) -> bytes:
        step, task = divmod(place, len(ids))
        headers = {"X-Internal-Token": signer.sign(admin, SERVICE)}
        body = {"to": STEPS[step], "notes": "The next step."}
        return load.request(stack.url, "POST", f"/api/tasks/{ids[task]}/transition", headers, body)

    clock, most = CpuClock(stack), len(ids) * len(STEPS)
    seconds = (most - 1) / MOVES_PER_SECOND
    outcome = load.run(stack.url_of(SERVICE), make, clients=1, seconds=seconds, per_second=MOVES_PER_SECOND)
    assert set(outcome.statuses) == {200}, outcome.statuses
    p50, p99 = (percentile(outcome.took, share) * 1e3 for share in (0.5, 0.99))
    spent = clock.used()[SERVICE] / len(outcome.took) * 1e3
    besides = f"{len(outcome.took)} moves, {spent:.1f} ms of CPU in {SERVICE} each; {clock.stolen()}"
    return [
        Row("a task's transition at the service, p50", f"{p50:.1f} ms", f"≤ {MOVE_MS:.0f} ms", p50 <= MOVE_MS, besides),
        Row("a task's transition at the service, p99", f"{p99:.1f} ms"),
    ]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
