"""People and tickets as events report them, notifications, and the preferences of people."""

from alembic import op
from company_kit.ddl import audit_table, create_audit, create_deleted_companies
from service_kit.database.ddl import create_kit_tables, enable_rls

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    create table users (
        company_id int not null,
        user_id bigint not null,
        email text not null,
        role text not null,
        is_active boolean not null,
        revision int not null,
        primary key (company_id, user_id)
    )
    """,
    "create index users_by_address on users (company_id, lower(email)) where is_active",
    "create index users_by_role on users (company_id, role) where is_active",
    # A row per ticket, and a tombstone once it is deleted. The assignee is an address, as the event names it.
    """
    create table tickets (
        company_id int not null,
        ticket_id bigint not null,
        requester_id bigint,
        assignee text,
        assigned_revision int not null default 0,
        gone boolean not null default false,
        primary key (company_id, ticket_id)
    ) with (fillfactor = 80)
    """,
    # One notification of each kind per cause and person, however often the event is delivered.
    """
    create table notifications (
        company_id int not null,
        id bigint generated always as identity,
        user_id bigint not null,
        kind text not null,
        cause text not null,
        ticket_id bigint not null,
        facts jsonb not null default '{}',
        is_shown boolean not null,
        read_at timestamptz,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id),
        unique (company_id, cause, user_id, kind)
    )
    """,
    "create index notifications_of_person on notifications (company_id, user_id, id)",
    """
    create index notifications_unread on notifications (company_id, user_id, id)
        where is_shown and read_at is null
    """,
    "create index notifications_of_ticket on notifications (company_id, ticket_id)",
    "create index notifications_by_age on notifications (company_id, created_at)",
    """
    create table preferences (
        company_id int not null,
        user_id bigint not null,
        channels jsonb not null default '{}',
        quiet_hours jsonb,
        primary key (company_id, user_id)
    )
    """,
)


def upgrade() -> None:
    """Create the schema."""
    create_kit_tables(op)
    create_deleted_companies(op)
    create_audit(op)
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("users", "tickets", "notifications", "preferences"):
        enable_rls(op, table)
    audit_table(op, "preferences", record="preferences", key="user_id", shown=["channels", "quiet_hours"])
    audit_table(op, "parked_actions", record="dead_letter", key="parked_id", shown=["action", "queue", "event_id"])
