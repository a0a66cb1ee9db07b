"""Audit records: who changed rules, settings and models, and who asked for trainings and evaluations."""

from alembic import op
from company_kit.ddl import audit_table, create_audit

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the audit and name what is recorded."""
    create_audit(op)
    audit_table(
        op,
        "priority_rules",
        record="priority_rule",
        key="id",
        shown=["name", "words", "department", "priority", "position", "active"],
    )
    settings = ["ladder_order", "local_threshold", "daily_budget_usd", "monthly_budget_usd"]
    audit_table(op, "ladder_settings", record="ai_settings", key="company_id", shown=settings)
    audit_table(op, "shadow_settings", record="shadow_settings", key="company_id", shown=["enabled"])
    audit_table(op, "models", record="model", key="version", shown=["serving"])
    audit_table(op, "training_runs", record="training", key="id", shown=["state"])
    audit_table(op, "evaluations", record="evaluation", key="id", shown=["kind", "state"])
    audit_table(op, "parked_actions", record="dead_letter", key="parked_id", shown=["action", "queue", "event_id"])
