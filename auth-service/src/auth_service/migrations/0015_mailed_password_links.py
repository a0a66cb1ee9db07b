"""Which links for a new password were mailed: who sets a password by one has proved to receive mail there."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column. Links that were made before prove nothing; none is valid for longer than half an hour."""
    op.execute("alter table password_resets add column is_mailed boolean not null default false")
