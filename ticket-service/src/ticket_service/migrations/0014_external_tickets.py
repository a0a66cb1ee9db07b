"""Categories that are given, sub-categories, and tickets that another system has sent."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    """
    alter table tickets
        add column category_given boolean not null default false,
        add column sub_category text,
        add column external_ticket_id text check (char_length(external_ticket_id) <= 100)
    """,
    # A ticket of another system is one ticket here, however often it is sent.
    "create unique index tickets_external on tickets (company_id, external_ticket_id)"
    " where external_ticket_id is not null",
    # What the sender said last, field by field as digests, so that a change overwrites no field that it doesn't change.
    """
    create table external_tickets (
        company_id int not null,
        ticket_id bigint not null,
        digests jsonb not null,
        -- When the newest accepted message was sent, where its sender says so.
        sent_at timestamptz,
        -- The ids of the newest messages: one that is delivered again changes nothing.
        messages text[] not null,
        primary key (company_id, ticket_id),
        foreign key (company_id, ticket_id) references tickets (company_id, id) on delete cascade
    )
    """,
    "drop trigger audit on tickets",
    "drop function audit_tickets()",
)


def upgrade() -> None:
    """Add the columns and the table, and record changes of the sub-category, too."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "external_tickets")
    audit_table(
        op,
        "tickets",
        record="ticket",
        key="id",
        ticket="id",
        shown=["status", "priority", "category", "sub_category", "department", "team", "assignee", "need_admin"],
        lengths=["title", "description", "user_name", "user_email", "customer_id", "metadata"],
    )
