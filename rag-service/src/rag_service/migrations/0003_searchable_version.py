"""A document keeps the passages of its last readable version."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column."""
    # Null: as `version`. It is lower while the latest version can't be read.
    op.execute("alter table documents add searchable_version int")
