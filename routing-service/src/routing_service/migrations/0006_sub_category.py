"""What the sender of a ticket gave: category, sub-category, and the id in the system that sent it."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns."""
    op.execute(
        "alter table tickets add column category_given boolean not null default false,"
        " add column sub_category text, add column external_ticket_id text"
    )
