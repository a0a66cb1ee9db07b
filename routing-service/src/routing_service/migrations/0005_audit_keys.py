"""Audit records name the API key that acted."""

from alembic import op
from company_kit.ddl import record_api_keys

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns."""
    record_api_keys(op)
