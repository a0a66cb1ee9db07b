"""Indexes of the filters by team, customer, requester and need_admin."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    "create index tickets_by_team on tickets (company_id, team, id) where team is not null",
    "create index tickets_by_team_id on tickets (company_id, team_id, id) where team_id is not null",
    "create index tickets_by_customer on tickets (company_id, customer_id, id) where customer_id is not null",
    "create index tickets_by_email on tickets (company_id, lower(user_email), id) where user_email is not null",
    # Few tickets wait for a person's decision; without the index their list would read all others.
    "create index tickets_that_need_admin on tickets (company_id, id) where need_admin",
)


def upgrade() -> None:
    """Create the indexes."""
    for statement in STATEMENTS:
        op.execute(statement)
