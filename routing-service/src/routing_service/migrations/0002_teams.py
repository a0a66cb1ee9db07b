"""The replica of auth-service's teams, and the team of each ticket."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    create table teams (
        company_id int not null,
        team_id bigint not null,
        name text not null,
        department text,
        is_active boolean not null,
        gone boolean not null,
        revision int not null,
        primary key (company_id, team_id)
    )
    """,
    """
    alter table tickets
        add column team_id bigint,
        add column team text,
        add column team_by_person boolean not null default false
    """,
    "alter table ticket_routing add column team_id bigint, add column team text",
)


def upgrade() -> None:
    """Create the table, and add the team to tickets and their history."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "teams")
