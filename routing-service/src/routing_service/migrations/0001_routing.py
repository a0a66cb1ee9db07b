"""Departments, tickets with their routing and its history, and the counts."""

from alembic import op
from service_kit.database.ddl import create_kit_tables, enable_rls, roles_of

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    create table departments (
        id bigint generated always as identity primary key,
        company_id int not null,
        name text not null check (char_length(name) between 1 and 100),
        description text not null default '' check (char_length(description) <= 2000),
        is_active boolean not null default true,
        revision int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
    )
    """,
    "create unique index departments_name on departments (company_id, lower(name))",
    # One row per ticket, with its current routing. Only the primary key is indexed, so that every change is a HOT
    # update; the fill factor leaves space for it.
    """
    create table tickets (
        company_id int not null,
        ticket_id bigint not null,
        ticket_uuid uuid,
        category text not null default 'back',
        priority text not null default 'low' check (priority in ('low', 'medium', 'high', 'urgent')),
        priority_given boolean not null default false,
        department text,
        confidence_score numeric(5, 2) check (confidence_score between 0 and 100),
        need_admin boolean not null default true,
        decided_by text,
        reason text not null default '',
        actor text not null default '',
        rerouted boolean not null default false,
        routed_at timestamptz,
        routings int not null default 0,
        revision int not null default 0,
        answer_revision int not null default 0,
        edit_revision int not null default 0,
        wish_revision int not null default 0,
        by_hand_at timestamptz,
        gone boolean not null default false,
        primary key (company_id, ticket_id)
    ) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05)
    """,
    """
    create table ticket_routing (
        id bigint generated always as identity primary key,
        company_id int not null,
        ticket_id bigint not null,
        department text not null,
        confidence_score numeric(5, 2) not null,
        need_admin boolean not null,
        decided_by text not null,
        actor text not null,
        reason text not null,
        applied boolean not null,
        rerouted boolean not null,
        created_at timestamptz not null default clock_timestamp()
    )
    """,
    "create index ticket_routing_of on ticket_routing (company_id, ticket_id, id)",
    # Every ticket counts once, in its current department: a few rows per company, whatever the number of tickets.
    # `routings` counts applied decisions; `confidence` is in hundredths, so that sums stay exact.
    """
    create table routing_totals (
        company_id int not null,
        department text not null,
        tickets bigint not null,
        routings bigint not null,
        rerouted bigint not null,
        confidence bigint not null,
        primary key (company_id, department)
    ) with (fillfactor = 50)
    """,
)


def upgrade() -> None:
    """Create the schema."""
    create_kit_tables(op)
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("departments", "tickets", "ticket_routing", "routing_totals"):
        enable_rls(op, table)
    # The history is append-only; only the rows of deleted tickets are deleted.
    op.execute(f'revoke update on ticket_routing from "{roles_of(op).app}"')
