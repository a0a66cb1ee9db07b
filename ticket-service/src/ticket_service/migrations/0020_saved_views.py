"""Saved views: named filters of the ticket list, of one person or shared with the company."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls

revision = "0020"
down_revision = "0019"

STATEMENTS = (
    """
    create table saved_views (
        company_id int not null,
        id bigint generated always as identity,
        -- A shared view has none once its owner is deleted.
        owner text,
        name text not null check (char_length(name) <= 100),
        filter json not null,
        sort text not null check (sort in ('created', 'due')),
        shared boolean not null,
        version int not null default 1,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        primary key (company_id, id),
        check (shared or owner is not null)
    )
    """,
    "create index saved_views_of_owner on saved_views (company_id, owner, id)",
    "create index saved_views_shared on saved_views (company_id, id) where shared",
)


def upgrade() -> None:
    """Create the table, and record who changes views; filters may hold addresses of people."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "saved_views")
    audit_table(op, "saved_views", record="saved_view", key="id", shown=["shared", "sort"], lengths=["name", "filter"])
