"""Audit records: who changed answers and questions, and who asked for rebuilds and tunings."""

from alembic import op
from company_kit.ddl import audit_table, create_audit

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the audit and name what is recorded."""
    create_audit(op)
    audit_table(op, "approved_answers", record="approved_answer", key="id", lengths=["question", "steps"])
    audit_table(op, "questions", record="question", key="id", lengths=["question", "expected"])
    audit_table(op, "outside", record="outside_file", key="id", shown=["number", "removed"])
    audit_table(op, "rebuilds", record="rebuild", key="company_id", shown=["number", "state"])
    audit_table(op, "tunings", record="tuning", key="company_id", shown=["number", "state", "keep"], lengths=["fusion"])
    audit_table(op, "parked_actions", record="dead_letter", key="parked_id", shown=["action", "queue", "event_id"])
