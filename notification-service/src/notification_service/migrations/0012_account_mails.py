"""The addresses of mails about accounts, where they aren't the account's own."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; null stands for the account's address."""
    op.execute("alter table deliveries add column address text")
