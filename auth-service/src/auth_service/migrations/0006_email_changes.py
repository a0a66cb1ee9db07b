"""Addresses that people want to have, until somebody proves to receive mail there."""

from alembic import op
from service_kit.database.ddl import allow_lookup, create_lookup, enable_rls

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    # One for each user; a newer request replaces it. `old_email_key` is the user's at the time: after another change
    # the request is worthless. The token is made when it is handed over.
    """
    create table email_changes (
        company_id int not null,
        user_id bigint not null,
        email text not null check (char_length(email) between 3 and 254),
        email_key bytea not null check (octet_length(email_key) = 32),
        old_email_key bytea not null check (octet_length(old_email_key) = 32),
        requested_at timestamptz not null default clock_timestamp(),
        token_hash bytea unique check (octet_length(token_hash) = 32),
        token_expires_at timestamptz check ((token_expires_at is null) = (token_hash is null)),
        primary key (company_id, user_id),
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
)
LOOKUP = (
    "find_email_change(hash bytea) returns table (company_id int, user_id bigint)",
    "select e.company_id, e.user_id from auth.email_changes e where e.token_hash = hash",
)


def upgrade() -> None:
    """Create the table and the function that finds a company."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "email_changes")
    allow_lookup(op, "email_changes")
    create_lookup(op, *LOOKUP)
