"""Which tickets a company's models are measured on, for good, and the priorities that people gave."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    # held_out: null until the ticket is used in a training. True: models are measured on it and never learn from it.
    """
    alter table examples
        add column held_out boolean,
        add column priority text check (priority in ('low', 'medium', 'high', 'urgent')),
        add column priority_revision int not null default 0
    """,
    "create index examples_held_out on examples (company_id, created_at) where held_out",
)


def upgrade() -> None:
    """Add the columns; `examples` has its walls already."""
    for statement in STATEMENTS:
        op.execute(statement)
