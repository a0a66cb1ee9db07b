"""Templates of companies, and notifications that programs send."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """
    create table templates (
        company_id int not null,
        id bigint generated always as identity,
        notification_type text not null,
        subject text not null,
        body text not null,
        version int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id),
        unique (company_id, notification_type)
    )
    """,
    # A program's notification is about no ticket; its text is among the facts.
    "alter table notifications alter column ticket_id drop not null",
    # Who has sent it, for the limit per sender; null for those of events.
    "alter table notifications add column sender text",
    """
    create index notifications_of_sender on notifications (company_id, sender, created_at)
        where sender is not null
    """,
    # The version of the company's template that a mail was made from, null without one.
    "alter table deliveries add column template_version int",
)


def upgrade() -> None:
    """Create the table and extend the others."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "templates")
    audit_table(
        op,
        "templates",
        record="notification_template",
        key="id",
        shown=["notification_type", "version"],
        lengths=["subject", "body"],
    )
