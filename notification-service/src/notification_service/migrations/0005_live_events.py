"""What changed, for clients that are connected; and the tickets by which browsers connected."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    # Rows become visible in another order than that of their ids, so readers go by the transaction: what one of them
    # has read is complete up to the oldest transaction that was still running then.
    """
    create table live_events (
        company_id int not null,
        id bigint generated always as identity,
        xact xid8 not null default pg_current_xact_id(),
        room text not null,
        audience text[] not null,
        kinds text[] not null,
        version bigint not null,
        item_id bigint,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id)
    )
    """,
    "create index live_events_by_xact on live_events (xact)",
    "create index live_events_by_age on live_events (company_id, created_at)",
    # The last transaction of which something was removed: who has seen less must read everything anew.
    "create table live_floors (company_id int primary key, xact xid8 not null)",
    """
    create table used_ws_tickets (
        company_id int not null,
        id text not null,
        used_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id)
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("live_events", "live_floors", "used_ws_tickets"):
        enable_rls(op, table)
