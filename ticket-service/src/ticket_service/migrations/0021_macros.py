"""Macros: named changes that people apply to tickets."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Create the table, and record who changes macros."""
    op.execute("""
        create table macros (
            company_id int not null,
            id bigint generated always as identity,
            name text not null check (char_length(name) <= 100),
            actions json not null,
            version int not null default 1,
            created_at timestamptz not null default now(),
            updated_at timestamptz not null default now(),
            primary key (company_id, id)
        )
    """)
    enable_rls(op, "macros")
    audit_table(op, "macros", record="macro", key="id", shown=["version"], lengths=["name", "actions"])
