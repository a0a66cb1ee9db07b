"""A second token of invitations: the inviter is shown one, a mail brings the other."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import create_lookup

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the digest of the mailed token, by which the invitation is found too."""
    op.execute(
        "alter table invitations add column mailed_token_hash bytea unique check (octet_length(mailed_token_hash) = 32)"
    )
    op.execute("drop function audit_invitations() cascade")
    audit_table(
        op,
        "invitations",
        record="invitation",
        key="id",
        shown=["role", "accepted_at", "revoked_at"],
        lengths=["email"],
        secrets=["mailed_token_hash"],
    )
    op.execute("drop function find_invitation(bytea)")
    create_lookup(
        op,
        "find_invitation(hash bytea) returns table (company_id int, id bigint)",
        "select i.company_id, i.id from auth.invitations i where i.token_hash = hash or i.mailed_token_hash = hash",
    )
