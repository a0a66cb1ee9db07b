"""Evaluations, which tickets are closed, and what a model that acts on nothing would have said."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    """
    create table evaluations (
        id bigint generated always as identity primary key,
        company_id int not null,
        kind text not null check (kind in ('file', 'backtest')),
        name text not null,
        state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
        asked_by text not null,
        asked_at timestamptz not null default clock_timestamp(),
        begun_at timestamptz,
        ended_at timestamptz,
        step text not null default '',
        plan jsonb not null,
        input bytea,
        report jsonb,
        chart bytea,
        error text
    )
    """,
    "create index evaluations_newest on evaluations (company_id, id desc)",
    # When a ticket was resolved or closed; null while it is open.
    """
    alter table examples
        add column closed_at timestamptz,
        add column status_revision int not null default 0
    """,
    """
    create index examples_settled on examples (company_id, created_at)
        where text is not null and (closed_at is not null or label is not null)
    """,
    # What nobody acted on: shown beside what people decided, and nowhere else.
    """
    create table shadow_readings (
        company_id int not null,
        ticket_id bigint not null,
        department text not null,
        confidence float8 not null,
        believed boolean not null,
        decided_by text not null,
        model text,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, ticket_id)
    )
    """,
    "create index shadow_readings_newest on shadow_readings (company_id, created_at desc)",
    "create table shadow_settings (company_id int primary key, enabled boolean not null)",
)


def upgrade() -> None:
    """Create the tables; `examples` has its walls already."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("evaluations", "shadow_readings", "shadow_settings"):
        enable_rls(op, table)
