"""Jobs: many tickets created or changed by one request, with a result per item."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls

revision = "0009"
down_revision = "0008"

STATEMENTS = (
    """
    create table jobs (
        company_id int not null,
        id uuid not null,
        kind text not null check (kind in ('create', 'change')),
        state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
        change json,
        created_by text not null,
        actor text not null,
        request_id text not null,
        traceparent text not null,
        actor_kind text not null,
        -- Whom the audit names: the caller as company_kit.actor stores it.
        audit_actor text not null default '',
        total int not null,
        succeeded int not null default 0,
        failed int not null default 0,
        steps int not null default 0,
        created_at timestamptz not null default now(),
        stepped_at timestamptz,
        finished_at timestamptz,
        primary key (company_id, id)
    )
    """,
    "create index jobs_newest on jobs (company_id, created_at, id)",
    "create index jobs_unfinished on jobs (company_id, stepped_at, created_at) where state in ('queued', 'running')",
    "create index jobs_finished on jobs (company_id, finished_at) where finished_at is not null",
    """
    create table job_items (
        company_id int not null,
        job_id uuid not null,
        index int not null,
        status text not null check (status in ('pending', 'succeeded', 'failed', 'cancelled')),
        ticket_id bigint,
        -- The ticket to create, until the item has a result. Not jsonb: see tickets.metadata.
        draft json,
        problem jsonb,
        primary key (company_id, job_id, index),
        foreign key (company_id, job_id) references jobs (company_id, id) on delete cascade
    )
    """,
    "create index job_items_pending on job_items (company_id, job_id, index) where status = 'pending'",
)


def upgrade() -> None:
    """Create the tables, and record who begins and cancels jobs."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("jobs", "job_items"):
        enable_rls(op, table)
    audit_table(op, "jobs", record="job", key="id", shown=["kind", "state", "total"])
