"""Passages have a kind; documents say what was read of them and what was left out."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns. Passages of before are read as prose until their file is read again."""
    op.execute("alter table chunks add kind text not null default 'prose' check (kind in ('prose', 'rows', 'qa'))")
    # What was read (`counts`) and what was not and why (`left_out`); null: ingested before this column existed.
    op.execute("alter table documents add report jsonb")
