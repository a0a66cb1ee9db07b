"""The due date of a ticket's task, by which lists are sorted."""

from alembic import op

revision = "0015"
down_revision = "0014"

# A page by due is one short range of an index; tickets without a due date come last. The column has a value for them:
# PostgreSQL takes `coalesce` for leaky, so that under row-level security it is no condition of an index.
_NEVER = "'9999-12-31 23:59:59+00'"
# Most lists by due are of open tickets, and the closed ones would come before them.
_KEY = "(company_id, due, id)"
STATEMENTS = (
    f"alter table tickets add column due timestamptz not null default {_NEVER}",
    # The owner sees the rows of all companies only while row-level security is not forced on it.
    "alter table tickets no force row level security",
    "update tickets set due = cast(task ->> 'due' as timestamptz) where task ->> 'due' is not null",
    "alter table tickets force row level security",
    f"create index tickets_by_due on tickets {_KEY}",
    f"create index tickets_open_by_due on tickets {_KEY} where status in ('pending', 'in_progress', 'on_hold')",
)


def upgrade() -> None:
    """Add the column with its indexes, and fill it from the tasks."""
    for statement in STATEMENTS:
        op.execute(statement)
