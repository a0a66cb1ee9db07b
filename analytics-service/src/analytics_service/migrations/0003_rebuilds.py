"""Rebuilds of the figures: one row per company, for the latest."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    op.execute("""
        create table rebuilds (
            company_id int primary key,
            number int not null default 1,
            state text not null check (state in ('requested', 'running', 'done')),
            done bigint not null default 0,
            total bigint not null default 0,
            requested_at timestamptz not null default clock_timestamp(),
            finished_at timestamptz
        )
    """)
    enable_rls(op, "rebuilds")
