"""Addresses that people have proved by a token that was mailed there: mails to other people name no others."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    # An admin gets the token of an address too, and hands it over: that proves nothing to other companies.
    "alter table email_changes add column is_mailed boolean not null default false",
    # `email_key` is the user's at the time: another address of the user must be proved anew.
    """
    create table proven_addresses (
        company_id int not null,
        user_id bigint not null,
        email_key bytea not null check (octet_length(email_key) = 32),
        proven_at timestamptz not null default clock_timestamp(),
        primary key (company_id, user_id),
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
)


def upgrade() -> None:
    """Create the table, and note which tokens were mailed."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "proven_addresses")
