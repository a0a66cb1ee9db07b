"""Each company's own fusion, and the tuning that chose it."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    op.execute("""
        create table tunings (
            company_id int primary key,
            number int not null default 1,
            state text not null check (state in ('requested', 'running', 'done', 'failed')),
            keep boolean not null,
            done int not null default 0,
            total int not null default 0,
            -- What the last tuning found; null before its end.
            result jsonb,
            reason text,
            -- The fusion in use; null: the default. It stays in use while another tuning runs.
            fusion jsonb,
            requested_at timestamptz not null default clock_timestamp(),
            finished_at timestamptz
        )
    """)
    enable_rls(op, "tunings")
