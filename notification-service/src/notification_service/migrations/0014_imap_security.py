"""How the connection to an IMAP server is encrypted."""

from alembic import op
from company_kit.ddl import audit_table

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column, null for webhooks, and record its changes, too. Mailboxes of before are encrypted from the start.

    Processes of before may still add IMAP mailboxes without it: null stands for `tls` there.
    """
    op.execute("alter table mailboxes add column security text check (security in ('tls', 'starttls', 'none'))")
    op.execute("drop trigger audit on mailboxes")
    op.execute("drop function audit_mailboxes()")
    audit_table(
        op,
        "mailboxes",
        record="mailbox",
        key="id",
        shown=["provider", "host", "port", "security", "folder", "is_active"],
        lengths=["address", "username"],
        secrets=["secret_sealed"],
    )
