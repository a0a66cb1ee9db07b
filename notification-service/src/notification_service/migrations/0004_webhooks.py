"""Webhooks of companies, their deliveries and tries."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import allow_lookup, enable_rls, roles_of

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    # What is sealed is encrypted: secrets, and the values of a company's own headers.
    """
    create table webhooks (
        company_id int not null,
        id bigint generated always as identity,
        url text not null,
        description text not null default '',
        events text[] not null,
        header_names text[] not null default '{}',
        headers_sealed text,
        secret_sealed text not null,
        former_secret_sealed text,
        former_secret_until timestamptz,
        is_active boolean not null default true,
        disabled_reason text not null default '',
        failures int not null default 0,
        failing_since timestamptz,
        paused_until timestamptz not null default clock_timestamp(),
        version int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id)
    ) with (fillfactor = 70)
    """,
    # The look: webhooks that aren't paused, over all companies.
    "create index webhooks_by_pause on webhooks (paused_until) where is_active",
    # `step` counts the tries that failed and count, `tries` all.
    """
    create table webhook_deliveries (
        company_id int not null,
        id bigint generated always as identity,
        webhook_id bigint not null,
        message_id text not null,
        event text not null,
        ticket_id bigint,
        body text not null,
        state text not null default 'waiting'
            check (state in ('waiting', 'pending', 'sending', 'delivered', 'failed')),
        reason text not null default '',
        tries int not null default 0,
        step int not null default 0,
        is_probe boolean not null default false,
        next_try_at timestamptz,
        claimed_at timestamptz,
        created_at timestamptz not null default clock_timestamp(),
        ended_at timestamptz,
        primary key (company_id, id),
        unique (company_id, webhook_id, message_id),
        foreign key (company_id, webhook_id) references webhooks (company_id, id) on delete cascade
    ) with (fillfactor = 70)
    """,
    """
    create index webhook_deliveries_pending on webhook_deliveries (company_id, webhook_id, next_try_at, id)
        where state = 'pending'
    """,
    """
    create index webhook_deliveries_outstanding on webhook_deliveries (company_id, webhook_id, ticket_id, id)
        where state in ('waiting', 'pending', 'sending')
    """,
    "create index webhook_deliveries_claimed on webhook_deliveries (claimed_at) where state = 'sending'",
    "create index webhook_deliveries_sending on webhook_deliveries (company_id) where state = 'sending'",
    "create index webhook_deliveries_of_webhook on webhook_deliveries (company_id, webhook_id, id)",
    "create index webhook_deliveries_by_age on webhook_deliveries (company_id, created_at)",
    """
    create table webhook_tries (
        company_id int not null,
        delivery_id bigint not null,
        number int not null,
        began_at timestamptz not null default clock_timestamp(),
        ended_at timestamptz,
        status int,
        milliseconds int,
        reason text not null default '',
        answer text not null default '',
        primary key (company_id, delivery_id, number),
        foreign key (company_id, delivery_id) references webhook_deliveries (company_id, id) on delete cascade
    )
    """,
)


def upgrade() -> None:
    """Create the tables, and the functions that find webhooks of all companies."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("webhooks", "webhook_deliveries", "webhook_tries"):
        enable_rls(op, table)
    for table in ("webhooks", "webhook_deliveries"):
        allow_lookup(op, table)
    schema = op.get_context().version_table_schema
    # In no order, so that webhooks that have no room for another try don't hide the others.
    _create_look(
        "due_webhooks(open_after int, most int)",
        "(company_id int, webhook_id bigint)",
        f"""
            select w.company_id, w.id from {schema}.webhooks w
            where w.is_active and w.paused_until <= now()
                and not exists (select from {schema}.deleted_companies gone where gone.id = w.company_id)
                and exists (
                    select from {schema}.webhook_deliveries d
                    where d.company_id = w.company_id and d.webhook_id = w.id and d.state = 'pending'
                        and (d.next_try_at <= now() or w.failures >= open_after)
                )
            order by random() limit most
        """,  # noqa: S608 - the schema's name
    )
    _create_look(
        "lost_webhook_deliveries(older_than interval, most int)",
        "(company_id int, delivery_id bigint)",
        f"""
            select d.company_id, d.id from {schema}.webhook_deliveries d
            where d.state = 'sending' and d.claimed_at < now() - older_than
            order by d.claimed_at limit most
        """,  # noqa: S608 - the schema's name
    )
    _create_look(
        "companies_with_webhooks()",
        "(company_id int)",
        f"select distinct w.company_id from {schema}.webhooks w where w.is_active",  # noqa: S608 - the schema's name
    )
    audit_table(
        op,
        "webhooks",
        record="webhook",
        key="id",
        shown=["events", "header_names", "is_active"],
        lengths=["url", "description"],
        secrets=["headers_sealed", "secret_sealed", "former_secret_sealed"],
    )


def _create_look(signature: str, columns: str, query: str) -> None:
    """Create a function that looks through all companies with the owner's rights and returns numbers alone."""
    # Not sql: that is planned at each call, which takes longer than the look.
    name = signature.partition("(")[0]
    op.execute(f"""
        create function {signature} returns table {columns}
        language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
        begin
            return query {query};
        end
        $$
    """)
    op.execute(f"revoke all on function {name} from public")
    op.execute(f'grant execute on function {name} to "{roles_of(op).app}"')
