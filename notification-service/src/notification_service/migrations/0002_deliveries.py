"""Deliveries of notifications by mail, and their tries."""

from alembic import op
from service_kit.database.ddl import allow_lookup, enable_rls, roles_of

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    # One mail per cause and person, whatever is delivered or done again.
    """
    create table deliveries (
        company_id int not null,
        id bigint generated always as identity,
        notification_id bigint not null,
        user_id bigint not null,
        cause text not null,
        channel text not null check (channel in ('email')),
        state text not null default 'queued'
            check (state in ('queued', 'sending', 'sent', 'failed', 'unknown', 'suppressed')),
        reason text not null default '',
        message_id text not null,
        tries int not null default 0,
        next_try_at timestamptz,
        claimed_at timestamptz,
        created_at timestamptz not null default clock_timestamp(),
        ended_at timestamptz,
        primary key (company_id, id),
        unique (company_id, cause, user_id, channel),
        foreign key (company_id, notification_id) references notifications (company_id, id) on delete cascade
    ) with (fillfactor = 70)
    """,
    "create index deliveries_of_notification on deliveries (company_id, notification_id)",
    "create index deliveries_of_person on deliveries (company_id, user_id, id)",
    # The two indexes of the look: by time first, over all companies.
    "create index deliveries_due on deliveries (next_try_at, id) where state = 'queued'",
    "create index deliveries_claimed on deliveries (claimed_at, id) where state = 'sending'",
    """
    create table delivery_tries (
        company_id int not null,
        delivery_id bigint not null,
        number int not null,
        began_at timestamptz not null default clock_timestamp(),
        ended_at timestamptz,
        outcome text not null default 'sending',
        reason text not null default '',
        primary key (company_id, delivery_id, number),
        foreign key (company_id, delivery_id) references deliveries (company_id, id) on delete cascade
    )
    """,
)


def upgrade() -> None:
    """Create the tables, and the functions that find deliveries of all companies."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("deliveries", "delivery_tries"):
        enable_rls(op, table)
    allow_lookup(op, "deliveries")
    schema = op.get_context().version_table_schema
    _create_look(
        "due_deliveries(most int)",
        f"select d.company_id, d.id from {schema}.deliveries d"  # noqa: S608 - the schema's name
        " where d.state = 'queued' and d.next_try_at <= now() order by d.next_try_at, d.id limit most",
    )
    _create_look(
        "claimed_deliveries(older_than interval, most int)",
        f"select d.company_id, d.id from {schema}.deliveries d"  # noqa: S608 - the schema's name
        " where d.state = 'sending' and d.claimed_at < now() - older_than order by d.claimed_at, d.id limit most",
    )


def _create_look(signature: str, query: str) -> None:
    """Create a function that finds deliveries with the owner's rights and returns company and id alone."""
    # Not sql: that is planned at each call, which takes longer than the look.
    name = signature.partition("(")[0]
    op.execute(f"""
        create function {signature} returns table (company_id int, delivery_id bigint)
        language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
        begin
            return query {query};
        end
        $$
    """)
    op.execute(f"revoke all on function {name} from public")
    op.execute(f'grant execute on function {name} to "{roles_of(op).app}"')
