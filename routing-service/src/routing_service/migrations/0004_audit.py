"""Audit records: who changed departments, and who routed which ticket."""

from alembic import op
from company_kit.ddl import audit_table, create_audit

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the audit and name what is recorded."""
    create_audit(op)
    audit_table(op, "departments", record="department", key="id", shown=["name", "is_active"], lengths=["description"])
    audit_table(
        op,
        "tickets",
        record="routing",
        key="ticket_id",
        ticket="ticket_id",
        shown=["department", "team", "need_admin", "confidence_score"],
        lengths=["reason"],
    )
    audit_table(op, "parked_actions", record="dead_letter", key="parked_id", shown=["action", "queue", "event_id"])
