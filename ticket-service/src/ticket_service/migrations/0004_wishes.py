"""The revision of each ticket's newest routing request (`wish_revision`), and of the newest answered one."""

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
