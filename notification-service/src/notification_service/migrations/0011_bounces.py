"""The mails in a row that mail servers refused because of the address."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table."""
    op.execute("""
        create table bounces (
            company_id int not null,
            user_id bigint not null,
            address text not null,
            number int not null default 1,
            primary key (company_id, user_id)
        )
    """)
    enable_rls(op, "bounces")
