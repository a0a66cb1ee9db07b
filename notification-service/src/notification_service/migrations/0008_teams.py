"""The replica of teams by the addresses of their members, and the team of each ticket."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table, and the column of tickets."""
    op.execute("""
        create table teams (
            company_id int not null,
            team_id bigint not null,
            addresses jsonb not null,
            is_active boolean not null,
            revision int not null,
            primary key (company_id, team_id)
        )
    """)
    enable_rls(op, "teams")
    op.execute("alter table tickets add column team_id bigint")
