"""How long do a dry run, a preview and an applied policy take? `python -m benchmarks.policies [TASKS]`"""

import sys

from service_kit.testing.postgres import ServiceDatabase
from workflow_service.domain.application import Target
from workflow_service.store import applications
from workflow_service.usecases.apply_policies import preview
from workflow_service.usecases.dry_run import DryRunOrder, dry_run
from workflow_service.usecases.run_applications import apply_next

from benchmarks.report import Row, Table
from benchmarks.workflow_tables import Instance, Spent, filled

SECONDS_GOAL = 5.0
APPLIED_GOAL, APPLIED_CLOCKS = 30.0, 100_000
OFFICE = '{"mon": [["08:00", "17:00"]], "tue": [["08:00", "17:00"]], "thu": [["08:00", "12:00"], ["13:00", "17:00"]]}'

FILL = """
    insert into teams (company_id, team_id, name, department, is_active, members, gone, revision)
    select 1, 1, 'T', 'IT Support', true, jsonb_agg(jsonb_build_object('email', n || '@example.com', 'role', 'agent')),
        false, 1 from generate_series(1, 12) n;
    insert into calendars (company_id, name, time_zone, weekly, exceptions, version)
    values (1, 'C', 'Europe/Berlin', %(office)s, '[]', 2);
    insert into calendar_versions (company_id, calendar_id, version, time_zone, weekly, exceptions)
    select 1, id, n, 'Europe/Berlin', %(office)s, '[]' from calendars, generate_series(1, 2) n;
    insert into workflows (company_id, name, state, version, category)
    values (1, 'W', 'deployed', 2, 'IT Support');
    insert into workflow_versions (company_id, workflow_id, version, steps, transitions, calendar_id,
        urgent_sla_seconds, high_sla_seconds, medium_sla_seconds, low_sla_seconds, assignment, response_seconds)
    select 1, w.id, n, '[{"name": "New", "role": "agent", "order": 1}, {"name": "Work", "role": "agent", "order": 2},
        {"name": "Done", "role": "agent", "order": 3}]', '[{"source": "New", "target": "Work", "name": "Work"},
        {"source": "Work", "target": "Done", "name": "Done"}]', c.id, 3600 / n, 28800 / n, 86400 / n, 144000 / n,
        'least_loaded', '{"urgent": 600, "high": 1200, "medium": 2400, "low": 3600}'
    from workflows w, calendars c, generate_series(1, 2) n;
"""
TASKS = """
    insert into tickets (company_id, ticket_id, category, department, priority)
    select 1, n, 'IT Support', 'IT Support', 'high' from generate_series(1, %(number)s) n;
    insert into tasks (company_id, ticket_id, workflow_id, workflow_version, matched_by, department, priority, step,
        status, revision, clocks, calendar_version, created_at, assigned_user)
    select 1, n, w.id, 1, 'x', 'IT Support', (array['low', 'medium', 'high', 'urgent'])[n %% 4 + 1], 'Work',
        'in_progress', 1, '[]', 1, now() - interval '20 days' * (%(number)s - n) / %(number)s,
        n %% 12 + 1 || '@example.com'
    from generate_series(1, %(number)s) n, workflows w order by n;
    insert into task_events (company_id, task_id, at, action, actor, from_status, to_status, from_step, to_step)
    select 1, id, created_at, 'created', 'x', null, 'pending', null, 'New' from tasks;
    insert into task_events (company_id, task_id, at, action, actor, from_status, to_status, from_step, to_step)
    select 1, id, created_at + interval '30 minutes', 'transition', 'x', 'pending', 'in_progress', 'New', 'Work'
    from tasks;
    insert into assignments (company_id, task_id, assigned_user, method, pool, candidates)
    select 1, id, assigned_user, 'round_robin', 'p', '[]' from tasks;
    insert into ticket_facts (company_id, ticket_id, kind, at, revision, value)
    select 1, ticket_id, f.kind, created_at + f.later, f.revision, f.value from tasks, (values
        ('comment', interval '10 minutes', 2, 'agent'), ('comment', interval '2 hours', 3, 'requester'),
        ('status', interval '1 hour', 4, 'on_hold'), ('status', interval '5 hours', 5, 'in_progress')
    ) f (kind, later, revision, value)
"""


def main(tasks: int = 10_000) -> Table:
    """Fill a database with open tasks of the last 20 days, each with facts and steps, and measure on it."""
    table = Table(f"{tasks:,} open tasks of 20 days, 4 facts and 2 steps each")
    statements = {FILL: {"office": OFFICE}, TASKS: {"number": tasks}}
    with filled(statements, DRY_RUN_TASKS=str(tasks)) as (made, instance):
        table.rows += [_dry_run(made, instance, tasks), _preview(made, instance, tasks)]
        table.rows.append(_applied(made, instance, tasks))
    return table


def _dry_run(made: ServiceDatabase, instance: Instance, tasks: int) -> Row:
    with instance.database.session(1) as session:
        spent = Spent(made)
        found = dry_run(session, 1, 1, DryRunOrder(30), max_tickets=tasks)
        row = _row(f"a dry run over {tasks:,} tickets", spent)
    assert found.report.matched.would == tasks
    return row


def _preview(made: ServiceDatabase, instance: Instance, tasks: int) -> Row:
    with instance.database.session(1) as session:
        spent = Spent(made)
        found = preview(session, 1, Target(1, 2, 1, 2), max_tasks=tasks)
        row = _row(f"a preview of {tasks:,} tasks", spent)
    assert found.tasks == tasks
    return row


def _applied(made: ServiceDatabase, instance: Instance, tasks: int) -> Row:
    with instance.database.session(1) as session, session.begin():
        applications.add(session, 1, Target(1, 2, 1, 2))

    spent = Spent(made)
    while apply_next(instance.database):
        pass
    took = spent.seconds
    assert made.rows("select tasks, state from policy_applications") == [(tasks, "done")]
    ((clocks,),) = made.rows("select count(*) from clocks")
    scaled, cpu = took / clocks * APPLIED_CLOCKS, spent.cpu(APPLIED_CLOCKS / clocks)
    return Row(
        f"a policy applied to {APPLIED_CLOCKS:,} clocks in batches",
        f"{scaled:.0f} s",
        f"≤ {APPLIED_GOAL:.0f} s",
        scaled <= APPLIED_GOAL,
        f"scaled from {clocks:,} clocks of {tasks:,} tasks, {took:.1f} s: {cpu}",
    )


def _row(name: str, spent: Spent) -> Row:
    took = spent.seconds
    return Row(name, f"{took:.1f} s", f"≤ {SECONDS_GOAL:.0f} s", took <= SECONDS_GOAL, spent.cpu())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
