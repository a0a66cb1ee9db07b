"""The marks by which people have read tickets: a row per person and ticket, written when the person marks it."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0019"
down_revision = "0018"

STATEMENTS = (
    """
    create table read_marks (
        company_id int not null,
        ticket_id bigint not null,
        -- The person as trails name it, so that its own entries can be told apart.
        reader text not null,
        -- The newest entry of the trail when the ticket was marked.
        seen bigint not null,
        unread boolean not null,
        primary key (company_id, ticket_id, reader),
        foreign key (company_id, ticket_id) references tickets (company_id, id) on delete cascade
    )
    """,
    # The marks of a person who is deleted go by it.
    "create index read_marks_of_reader on read_marks (company_id, reader)",
)


def upgrade() -> None:
    """Create the table."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "read_marks")
