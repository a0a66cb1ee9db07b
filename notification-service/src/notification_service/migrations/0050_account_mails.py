"""The addresses of mails about accounts, where they aren't the account's own."""

from alembic import op

revision = "0050"
down_revision = "0020"


def upgrade() -> None:
    """Add the column; null stands for the account's address."""
    op.execute("alter table deliveries add column address text")
