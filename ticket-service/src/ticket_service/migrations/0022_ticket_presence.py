"""Presence at tickets: who has a ticket open, and who is writing a reply."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0022"
down_revision = "0021"

STATEMENTS = (
    # Unlogged: a lease lasts for seconds, so that it may be lost with a crash of the database.
    """
    create unlogged table ticket_presence (
        company_id int not null,
        ticket_id bigint not null,
        person text not null,
        name text not null,
        lease_until timestamptz not null,
        typing_until timestamptz not null,
        primary key (company_id, ticket_id, person),
        foreign key (company_id, ticket_id) references tickets (company_id, id) on delete cascade
    )
    """,
    "create index ticket_presence_of_person on ticket_presence (company_id, person, lease_until)",
)


def upgrade() -> None:
    """Create the table."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "ticket_presence")
