"""The replica of teams."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0002"
down_revision = "0001"

TEAMS = """
    create table teams (
        company_id int not null,
        team_id bigint not null,
        name text not null,
        department text,
        is_active boolean not null,
        revision int not null,
        primary key (company_id, team_id)
    )
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(TEAMS)
    enable_rls(op, "teams")
