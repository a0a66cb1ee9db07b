"""Who has proved to receive mail at an address, and how many mails with texts of its own a company sends in a day."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the column and the table.

    No address that is known here counts as proved until auth-service has announced it as that: those who misused the
    addresses of others before the upgrade can't go on. It announces everybody every ANNOUNCE_DAYS, and at once by
    `smart-ticket companies announce`.
    """
    op.execute("alter table users add column email_confirmed boolean not null default false")
    # One row for each company: that of the last day on which it has sent any.
    op.execute("""
        create table own_text_mails (
            company_id int primary key,
            day date not null,
            number int not null check (number > 0)
        )
    """)
    enable_rls(op, "own_text_mails")
