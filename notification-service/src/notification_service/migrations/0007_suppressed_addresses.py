"""Deliveries whose mail came back, and addresses that take no mails."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "alter table deliveries drop constraint deliveries_state_check",
    """
    alter table deliveries add constraint deliveries_state_check
        check (state in ('queued', 'sending', 'sent', 'failed', 'unknown', 'suppressed', 'bounced'))
    """,
    """
    create table suppressed_addresses (
        company_id int not null,
        id bigint generated always as identity,
        address text not null check (address = lower(address)),
        reason text not null,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id),
        unique (company_id, address)
    )
    """,
)


def upgrade() -> None:
    """Allow the state, and create the table."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "suppressed_addresses")
    audit_table(op, "suppressed_addresses", record="suppressed_address", key="id", lengths=["address"])
