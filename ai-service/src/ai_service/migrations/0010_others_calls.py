"""The ledger takes calls of other services: what for is theirs to name."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Let the purpose be any short name."""
    op.execute("alter table usage drop constraint usage_purpose_check")
    op.execute("alter table usage add check (char_length(purpose) between 1 and 60)")
