"""Tickets, their trail, and the replica of departments."""

from alembic import op
from service_kit.database.ddl import create_kit_tables, enable_rls, roles_of

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    create table tickets (
        id bigint generated always as identity,
        company_id int not null,
        uuid uuid not null,
        title text not null check (char_length(title) <= 500),
        description text not null check (char_length(description) <= 100000),
        user_name text,
        user_email text,
        customer_id text,
        category text not null default 'back',
        priority text not null default 'low' check (priority in ('low', 'medium', 'high', 'urgent')),
        priority_given boolean not null default false,
        department text,
        confidence_score double precision check (confidence_score between 0 and 100),
        need_admin boolean not null default true,
        team_id bigint,
        team text,
        assignee text,
        decided_by text,
        reason text,
        status text not null default 'pending'
            check (status in ('pending', 'in_progress', 'on_hold', 'resolved', 'closed')),
        run text not null default 'pending'
            check (run in ('pending', 'processing', 'awaiting_approval', 'completed', 'failed_permanent')),
        -- Not jsonb: that stores 1e300 as an integer of 301 digits, which JSON parsers can't read.
        metadata json,
        solution_steps jsonb,
        twin_key uuid,
        twin_number int not null default 0,
        version int not null default 1,
        revision int not null default 1,
        routed_revision int not null default 0,
        routed_at timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        -- The company comes first, as in every index: a lookup by id alone would scan all companies.
        primary key (company_id, id)
    ) with (autovacuum_vacuum_scale_factor = 0.05)
    """,
    "create unique index tickets_uuid on tickets (company_id, uuid)",
    # Of tickets with the same customer, subject and body only one is open: twenty equal posts at once make one ticket.
    "create unique index tickets_one_open_twin on tickets (company_id, twin_key)"
    " where twin_key is not null and status <> 'closed'",
    "create index tickets_twins on tickets (company_id, twin_key, twin_number) where twin_key is not null",
    # Every index for lists begins with the company and the filter and ends with the id: a page is one short range.
    "create index tickets_by_status on tickets (company_id, status, id)",
    "create index tickets_by_priority on tickets (company_id, priority, id)",
    "create index tickets_by_department on tickets (company_id, department, id) where department is not null",
    "create index tickets_by_department_and_status on tickets (company_id, department, status, id)"
    " where department is not null",
    "create index tickets_by_assignee on tickets (company_id, assignee, id) where assignee is not null",
    """
    create table ticket_events (
        id bigint generated always as identity primary key,
        company_id int not null,
        ticket_id bigint not null,
        event_type text not null,
        actor text not null,
        cause text not null,
        payload jsonb not null,
        request_id text not null,
        created_at timestamptz not null default clock_timestamp(),
        foreign key (company_id, ticket_id) references tickets (company_id, id) on delete cascade
    )
    """,
    "create index ticket_events_of on ticket_events (company_id, ticket_id, id)",
    """
    create table departments (
        company_id int not null,
        department_id bigint not null,
        name text not null,
        is_active boolean not null,
        revision int not null,
        primary key (company_id, department_id)
    )
    """,
)


def upgrade() -> None:
    """Create the schema."""
    create_kit_tables(op)
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("tickets", "ticket_events", "departments"):
        enable_rls(op, table)
    # Append-only: a deleted ticket's trail goes by the foreign key, which acts as the owner.
    op.execute(f'revoke update, delete on ticket_events from "{roles_of(op).app}"')
