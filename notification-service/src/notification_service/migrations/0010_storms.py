"""The index by which a person's notifications of a kind are counted."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the index."""
    op.execute("""
        create index notifications_of_kind on notifications (company_id, user_id, kind, created_at)
            where ticket_id is not null
    """)
