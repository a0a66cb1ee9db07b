"""Audit records: who changed which ticket or file."""

from alembic import op
from company_kit.ddl import audit_table, create_audit

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the audit and name what is recorded."""
    create_audit(op)
    audit_table(
        op,
        "tickets",
        record="ticket",
        key="id",
        ticket="id",
        shown=["status", "priority", "category", "department", "team", "assignee", "need_admin"],
        lengths=["title", "description", "user_name", "user_email", "customer_id", "metadata"],
    )
    audit_table(op, "files", record="file", key="id", shown=["kind", "version"], lengths=["name"])
    audit_table(op, "parked_actions", record="dead_letter", key="parked_id", shown=["action", "queue", "event_id"])
