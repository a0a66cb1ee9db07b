"""Which team people gave a ticket to, beside the department where they put it."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "alter table examples add column team_id bigint",
    # Whenever a company is looked up, the newest tickets of each of its teams are named from this index alone.
    """
    create index examples_by_team on examples (company_id, team_id, labelled_at desc, ticket_id desc)
        where team_id is not null and text is not null
    """,
)


def upgrade() -> None:
    """Let examples name a team."""
    for statement in STATEMENTS:
        op.execute(statement)
