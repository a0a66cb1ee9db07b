"""The companies that are deleted."""

from alembic import op
from company_kit.ddl import create_deleted_companies

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create their table."""
    create_deleted_companies(op)
