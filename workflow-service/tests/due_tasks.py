"""Tasks with clocks that are due, put into the database as they would be after the time has passed."""

from service_kit.testing.postgres import ServiceDatabase

_ADD = """
    with t as (
        insert into tasks (company_id, ticket_id, workflow_id, workflow_version, matched_by, department, priority, step,
            assigned_user, revision, clocks, created_at)
        select %(company)s, n, %(workflow)s, 1, 'x', (array['IT Support', 'HR', 'Finance'])[1 + n %% 3], 'high', 'New',
            'ann@example.com', 1, '[]', now() - interval '3 hours'
        from generate_series(1000, 1000 + %(number)s - 1) n returning id, ticket_id, created_at
    )
    insert into clocks (company_id, task_id, kind, opened_at, target_seconds, state, due_at, pending, next_at)
    select %(company)s, id, 'resolution', created_at, 3540, 'running', due, jsonb_build_array(
        jsonb_build_object('due_at', to_char(due, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
                           'at', to_char(due, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), 'reason', 'due')), due
    from t, lateral (
        select date_trunc('second', now()) - make_interval(secs => %(first)s)
            + (ticket_id - 1000) * make_interval(secs => %(span)s::float / %(number)s) as due
    ) d
"""


def add_due_tasks(
    made: ServiceDatabase, workflow_id: int, number: int, *, company: int = 1, first: int = 60, span: int = 0
) -> None:
    """Add tasks of three departments; the first was due `first` seconds ago, the others in the `span` after it."""
    values = {"company": company, "workflow": workflow_id, "number": number, "first": first, "span": span}
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(_ADD, values)
