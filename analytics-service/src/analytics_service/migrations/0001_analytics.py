"""The log of ticket events, ticket states and rollups. No ticket text, no names of people."""

from alembic import op
from service_kit.database.ddl import create_kit_tables, enable_rls, roles_of

revision = "0001"
down_revision = None

# The few rows per company change with every ticket: free space on the page allows HOT updates.
ROLLUP = "with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)"

STATEMENTS = (
    """
    create table analytics_events (
        id bigint generated always as identity primary key,
        company_id int not null,
        event_id uuid not null,
        type text not null,
        source text not null,
        ticket_id bigint not null,
        revision int not null,
        occurred_at timestamptz not null,
        received_at timestamptz not null default clock_timestamp(),
        status text,
        department text,
        confidence int,
        need_admin boolean,
        rerouted boolean,
        decided_by text
    )
    """,
    # A rebuild reads the log ticket by ticket; the entries of deleted tickets are deleted.
    "create index analytics_events_of on analytics_events (company_id, ticket_id, id)",
    # Each value is stored with the revision it came from, so that events may arrive in any order. `confidence` and
    # `answer_confidence` are hundredths, so that sums stay exact.
    """
    create table ticket_state (
        company_id int not null,
        ticket_id bigint not null,
        created_at timestamptz,
        status text not null default 'pending',
        status_revision int not null default 0,
        department text,
        confidence int,
        need_admin boolean not null default true,
        rerouted boolean not null default false,
        routed_revision int not null default 0,
        first_routed_at timestamptz,
        answer_confidence int,
        answer_revision int not null default 0,
        first_resolved_at timestamptz,
        gone boolean not null default false,
        primary key (company_id, ticket_id)
    ) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05)
    """,
    # Every ticket counts once, under the department ('' while unrouted) and the status it has now.
    f"""
    create table ticket_totals (
        company_id int not null,
        department text not null,
        status text not null,
        tickets bigint not null,
        confidence bigint not null,
        need_admin bigint not null,
        rerouted bigint not null,
        answered bigint not null,
        answer_confidence bigint not null,
        timed_routings bigint not null,
        routing_ms bigint not null,
        timed_resolutions bigint not null,
        resolution_ms bigint not null,
        primary key (company_id, department, status)
    ) {ROLLUP}
    """,
    f"""
    create table tickets_by_day (
        company_id int not null,
        day date not null,
        department text not null,
        created bigint not null,
        primary key (company_id, day, department)
    ) {ROLLUP}
    """,
    # The last day only, for the dashboard's "last 24 hours".
    f"""
    create table tickets_by_minute (
        company_id int not null,
        minute timestamptz not null,
        created bigint not null,
        primary key (company_id, minute)
    ) {ROLLUP}
    """,
    """
    create table departments (
        company_id int not null,
        department_id bigint not null,
        name text not null,
        is_active boolean not null,
        deleted boolean not null,
        revision int not null,
        primary key (company_id, department_id)
    )
    """,
)
TABLES = ("analytics_events", "ticket_state", "ticket_totals", "tickets_by_day", "tickets_by_minute", "departments")


def upgrade() -> None:
    """Create the schema."""
    create_kit_tables(op)
    for statement in STATEMENTS:
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, table)
    # The log is append-only; only the entries of deleted tickets are deleted.
    op.execute(f'revoke update on analytics_events from "{roles_of(op).app}"')
