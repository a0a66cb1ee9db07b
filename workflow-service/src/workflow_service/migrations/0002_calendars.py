"""Calendars of business time, and their versions."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls, roles_of

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    create table calendars (
        company_id int not null,
        id bigint generated always as identity,
        name text not null check (char_length(name) between 1 and 200),
        time_zone text not null,
        weekly jsonb not null,
        exceptions jsonb not null,
        version int not null default 1,
        is_deleted boolean not null default false,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id)
    )
    """,
    "create unique index calendars_name on calendars (company_id, lower(name)) where not is_deleted",
    # A version never changes, so that no due date moves by itself: running tasks keep theirs.
    """
    create table calendar_versions (
        company_id int not null,
        calendar_id bigint not null,
        version int not null,
        time_zone text not null,
        weekly jsonb not null,
        exceptions jsonb not null,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, calendar_id, version),
        foreign key (company_id, calendar_id) references calendars (company_id, id)
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("calendars", "calendar_versions"):
        enable_rls(op, table)
    op.execute(f'revoke update on calendar_versions from "{roles_of(op).app}"')
    audit_table(
        op,
        "calendars",
        record="calendar",
        key="id",
        shown=["name", "time_zone", "weekly", "exceptions", "version", "is_deleted"],
    )
