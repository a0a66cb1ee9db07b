"""What a model learnt about teams, beside what it learnt about departments."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Let a model have a second head."""
    op.execute("alter table models add column team_head bytea")
