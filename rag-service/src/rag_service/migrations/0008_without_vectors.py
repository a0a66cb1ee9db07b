"""Passages that were stored before there was an encoder are found again, to get their vectors."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the index, which is empty once all passages have vectors."""
    op.execute("create index chunks_without_vectors on chunks (company_id, document_id) where encoder is null")
