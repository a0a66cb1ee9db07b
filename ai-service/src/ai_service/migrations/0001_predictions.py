"""What this service said about tickets, and the departments it has heard of."""

from alembic import op
from service_kit.database.ddl import create_kit_tables, enable_rls

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    create table predictions (
        company_id int not null,
        ticket_id bigint not null,
        revision int not null,
        department text not null,
        category text not null,
        priority text not null check (priority in ('low', 'medium', 'high', 'urgent')),
        confidence double precision not null check (confidence between 0 and 100),
        need_admin boolean not null,
        decided_by text not null check (decided_by in ('claude', 'bert', 'keywords')),
        reason text not null,
        model text,
        duration_ms double precision not null,
        cached boolean not null,
        answer_key uuid not null,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, ticket_id, revision)
    )
    """,
    # What models answered, shared by all processes and replicas. The key stands for a text and a list of departments.
    """
    create table answers (
        company_id int not null,
        key uuid not null,
        department text not null,
        confidence double precision not null check (confidence between 0 and 100),
        decided_by text not null check (decided_by in ('claude', 'bert')),
        reason text not null,
        model text,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, key)
    )
    """,
    "create index answers_by_age on answers (company_id, created_at)",
    """
    create table departments (
        company_id int not null,
        department_id bigint not null,
        name text not null,
        description text not null,
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
    for table in ("predictions", "answers", "departments"):
        enable_rls(op, table)
