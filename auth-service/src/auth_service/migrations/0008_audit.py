"""Audit records: who changed the company, teams, people, sessions and keys."""

from alembic import op
from company_kit.ddl import audit_table, create_audit

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the audit and name what is recorded."""
    create_audit(op)
    switches = ["auto_categorize", "auto_prioritize", "auto_assign"]
    audit_table(
        op, "company_profiles", record="company", key="company_id", shown=["name", *switches], lengths=["description"]
    )
    audit_table(
        op,
        "teams",
        record="team",
        key="id",
        shown=["name", "is_active", "department"],
        lengths=["description", "members"],
    )
    audit_table(
        op,
        "users",
        record="user",
        key="id",
        owner="id",
        shown=["role", "is_active", "email_verified", "password_version"],
        lengths=["email", "username", "preferences"],
    )
    audit_table(
        op, "invitations", record="invitation", key="id", shown=["role", "accepted_at", "revoked_at"], lengths=["email"]
    )
    audit_table(
        op, "sessions", record="session", key="id", owner="user_id", shown=["user_id", "ended_at", "end_reason"]
    )
    audit_table(
        op,
        "api_keys",
        record="api_key",
        key="id",
        owner="user_id",
        shown=["user_id", "scopes", "expires_at", "revoked_at"],
        lengths=["name"],
    )
    audit_table(op, "password_resets", record="password_link", key="id", owner="user_id", shown=["user_id"])
    audit_table(
        op,
        "totp",
        record="second_factor",
        key="user_id",
        owner="user_id",
        shown=["confirmed_at"],
        lengths=["recovery_hashes"],
        secrets=["secret_sealed"],
    )
    audit_table(
        op,
        "sso_connections",
        record="sso_connection",
        key="id",
        shown=["issuer", "client_id", "scopes", "domains", "groups_claim", "role_map", "default_role", "create_users",
               "verified_claim", "is_active"],
        lengths=["name"],
        secrets=["client_secret_sealed"],
    )  # fmt: skip
    audit_table(op, "user_identities", record="identity", key="id", owner="user_id", shown=["user_id", "issuer"])
    audit_table(
        op,
        "email_changes",
        record="email_change",
        key="user_id",
        owner="user_id",
        lengths=["email"],
        secrets=["token_hash"],
    )
    audit_table(op, "parked_actions", record="dead_letter", key="parked_id", shown=["action", "queue", "event_id"])
