"""The version of a ticket since a person last changed it. Other changes raise the version alone."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column. Until now only people's changes raised the version."""
    op.execute("alter table tickets add column edited_version int not null default 1")
    # The owner sees the rows of all companies only while row-level security is not forced on it.
    op.execute("alter table tickets no force row level security")
    op.execute("update tickets set edited_version = version where version > 1")
    op.execute("alter table tickets force row level security")
