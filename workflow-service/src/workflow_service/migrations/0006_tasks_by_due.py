"""Indexes by which a page of tasks by due date is one short range, those without one last."""

from alembic import op

revision = "0006"
down_revision = "0005"

# Not `coalesce`: PostgreSQL takes it for leaky, so that under row-level security it is no condition of an index.
_KEY = "(company_id, (case when sla_deadline is null then 'infinity'::timestamptz else sla_deadline end), id)"
STATEMENTS = (
    # It could not be used: lists sort tasks without a due date last, by an expression that it doesn't have.
    "drop index tasks_due",
    f"create index tasks_by_due on tasks {_KEY}",
    # Most lists by due are of open tasks, and the ended ones would come before them.
    f"create index tasks_open_by_due on tasks {_KEY} where status in ('pending', 'in_progress')",
)


def upgrade() -> None:
    """Replace the index."""
    for statement in STATEMENTS:
        op.execute(statement)
