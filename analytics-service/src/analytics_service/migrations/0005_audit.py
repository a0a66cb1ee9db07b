"""Audit records: who asked for figures to be made again."""

from alembic import op
from company_kit.ddl import audit_table, create_audit

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the audit and name what is recorded."""
    create_audit(op)
    audit_table(op, "rebuilds", record="rebuild", key="company_id", shown=["number", "state"])
    audit_table(op, "parked_actions", record="dead_letter", key="parked_id", shown=["action", "queue", "event_id"])
