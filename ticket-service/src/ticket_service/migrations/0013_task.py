"""The task of a ticket, as workflow-service reports it."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the columns: the task as answers show it, and the revision of the event that reported it."""
    op.execute("alter table tickets add column task jsonb, add column task_revision int not null default 0")
