"""The mails to people that their mail servers refused, by the address that each person had."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """Create the table, and record who removes a row. Of the address the audit keeps the length."""
    op.execute("""
        create table bounces (
            company_id int not null,
            user_id bigint not null,
            address text not null,
            number int not null default 1,
            reason text not null,
            last_at timestamptz not null default clock_timestamp(),
            primary key (company_id, user_id)
        )
    """)
    enable_rls(op, "bounces")
    audit_table(op, "bounces", record="bounces", key="user_id", shown=["number"], lengths=["address"])
