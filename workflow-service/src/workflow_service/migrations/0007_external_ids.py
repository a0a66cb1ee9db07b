"""The id of a ticket in the system that sent it."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column."""
    op.execute("alter table tickets add column external_ticket_id text")
