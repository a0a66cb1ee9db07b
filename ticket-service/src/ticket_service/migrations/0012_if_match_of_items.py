"""Items of a job that changes tickets may say which versions they expect."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column: the tags that `If-Match` would accept, null for any."""
    op.execute("alter table job_items add column if_match json")
