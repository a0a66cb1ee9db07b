"""Which wish for a department or team is a ticket's newest, and which one its routing answers."""

from alembic import op

revision = "0004"
down_revision = "0003"

WISHES = """
    alter table tickets
        add column wish_revision int not null default 0,
        add column wish_answered int not null default 0
"""


def upgrade() -> None:
    """Add the columns."""
    op.execute(WISHES)
