"""Drafts of replies: one per person and ticket."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0018"
down_revision = "0017"

STATEMENTS = (
    """
    create table reply_drafts (
        company_id int not null,
        ticket_id bigint not null,
        author text not null,
        text text not null check (char_length(text) <= 100000),
        internal boolean not null,
        updated_at timestamptz not null,
        primary key (company_id, ticket_id, author),
        foreign key (company_id, ticket_id) references tickets (company_id, id) on delete cascade
    )
    """,
    # The drafts of a person who is deleted go by it.
    "create index reply_drafts_of_author on reply_drafts (company_id, author)",
)


def upgrade() -> None:
    """Create the table."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "reply_drafts")
