"""What a service's migrations call: the kit's own tables, and the wall around a table that belongs to companies."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from service_kit.database.roles import Roles

POLICY = "own_companies"
RELAY_POLICY = "relay"
RELAY_TABLES = ("outbox", "inbox", "parked", "parked_actions")
COMPANY_TABLES = (*RELAY_TABLES, "tombstones", "revisions", "idempotency_keys")

# nullif: after a commit the setting reads '' instead of NULL, and ''::int raises; without it no row matches.
OWN_COMPANIES = "company_id = any(string_to_array(nullif(current_setting('app.companies', true), ''), ',')::int[])"

KIT_TABLES_1 = (
    """
    create table outbox (
        id uuid primary key,
        company_id int not null,
        subject text not null,
        type text not null,
        revision int not null,
        body text not null,
        actor_kind text not null,
        request_id text not null default '',
        traceparent text not null default '',
        cause_id text not null default '',
        created_at timestamptz not null default clock_timestamp(),
        available_at timestamptz not null default now(),
        attempts int not null default 0,
        last_error text,
        published_at timestamptz,
        seq bigint not null generated always as identity
    ) with (autovacuum_vacuum_scale_factor = 0.02)
    """,
    # The relay's look for work: never wider than the backlog.
    "create index outbox_unpublished on outbox (seq) where published_at is null",
    # A refill, and the pruning of what was published long ago.
    "create index outbox_refill on outbox (type, created_at)",
    "create index outbox_subject on outbox (company_id, subject)",
    """
    create table inbox (
        queue text not null,
        event_id uuid not null,
        company_id int not null,
        subject text not null,
        type text not null,
        event_time timestamptz not null,
        received_at timestamptz not null,
        done_at timestamptz not null default clock_timestamp(),
        primary key (queue, event_id)
    )
    """,
    "create index inbox_subject on inbox (company_id, subject)",
    "create index inbox_pruning on inbox (done_at)",
    """
    create table parked (
        id bigint generated always as identity primary key,
        queue text not null,
        event_id text not null,
        company_id int not null,
        subject text not null default '',
        type text not null default '',
        message_headers jsonb not null default '{}',
        body bytea not null,
        attempts int not null default 0,
        reason text not null,
        state text not null check (state in ('waiting', 'dead')),
        next_attempt_at timestamptz,
        first_failed_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        unique (queue, event_id)
    )
    """,
    "create index parked_due on parked (next_attempt_at) where state = 'waiting'",
    "create index parked_subject on parked (company_id, subject)",
    """
    create table parked_actions (
        id bigint generated always as identity primary key,
        company_id int not null,
        parked_id bigint not null,
        queue text not null,
        event_id text not null,
        action text not null check (action in ('replayed', 'discarded')),
        actor text not null,
        reason text not null default '',
        created_at timestamptz not null default clock_timestamp()
    )
    """,
    "create index parked_actions_of on parked_actions (company_id, parked_id)",
    """
    create table tombstones (
        company_id int not null,
        subject text not null,
        ended_at timestamptz not null default clock_timestamp(),
        primary key (company_id, subject)
    )
    """,
    """
    create table revisions (
        company_id int not null,
        queue text not null,
        source text not null,
        subject text not null,
        type text not null,
        revision int not null,
        primary key (company_id, queue, source, subject, type)
    )
    """,
    """
    create table idempotency_keys (
        company_id int not null,
        key text not null,
        subject text not null,
        route text not null,
        request_hash text not null,
        status int,
        response text,
        headers text,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, key)
    )
    """,
    "create index idempotency_keys_pruning on idempotency_keys (company_id, created_at)",
    # Not protected: sweeps begin here and then run once per company.
    """
    create table companies (
        id int primary key,
        added_at timestamptz not null default clock_timestamp()
    )
    """,
)


class Migration(Protocol):
    """The part of `alembic.op` used here."""

    def execute(self, sqltext: str, /) -> None:
        """Run one statement."""

    def get_context(self) -> Any:
        """Return the running migration's context."""


def roles_of(op: Migration) -> Roles:
    """Return the roles of the service being migrated, for a migration that grants something."""
    roles: Roles = op.get_context().config.attributes["roles"]
    return roles


def create_kit_tables(op: Migration) -> None:
    """Create outbox, inbox, parked, tombstones, revisions, idempotency_keys and companies, walls included."""
    for statement in KIT_TABLES_1:
        op.execute(statement)
    for table in COMPANY_TABLES:
        protect(op, table)
    relay = roles_of(op).relay
    for table in RELAY_TABLES:
        op.execute(f'create policy {RELAY_POLICY} on {table} to "{relay}" using (true) with check (true)')
        op.execute(f'grant select, insert, update, delete on {table} to "{relay}"')


def protect(op: Migration, table: str) -> None:
    """Let a table with `company_id` show and take only rows of the transaction's companies, from its owner too.

    Every table that has the column needs this in the migration that makes it; the app role's grants come by themselves.
    """
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy {POLICY} on {table} using ({OWN_COMPANIES}) with check ({OWN_COMPANIES})")


@contextmanager
def every_company(op: Migration, table: str) -> Iterator[None]:
    """Let a data migration see all rows of a protected table; after the block its owner is walled in again."""
    op.execute(f"alter table {table} no force row level security")
    yield
    op.execute(f"alter table {table} force row level security")
