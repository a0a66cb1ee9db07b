"""Clocks of tasks, the facts that they follow from, and their breaches."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import allow_lookup, enable_rls, roles_of

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    # The version of the calendar that a task counts by, from its first clock on.
    "alter table tasks add column calendar_version int",
    "alter table workflow_versions add column response_seconds jsonb",
    "alter table workflow_versions add column first_response_pauses boolean not null default false",
    """
    create table ticket_facts (
        company_id int not null,
        ticket_id bigint not null,
        kind text not null check (kind in ('status', 'priority', 'comment')),
        at timestamptz not null,
        revision int not null,
        value text not null,
        primary key (company_id, ticket_id, kind, at, revision, value)
    )
    """,
    """
    create table clocks (
        company_id int not null,
        id bigint generated always as identity,
        task_id bigint not null,
        kind text not null,
        opened_at timestamptz not null,
        step text not null default '',
        target_seconds int not null,
        state text not null check (state in ('running', 'paused', 'ended')),
        due_at timestamptz,
        ended_at timestamptz,
        warned_seconds int,
        pending jsonb not null default '[]',
        next_at timestamptz,
        primary key (company_id, task_id, kind, opened_at),
        foreign key (company_id, task_id) references tasks (company_id, id) on delete cascade
    ) with (fillfactor = 70)
    """,
    # The one index of the scan: by time first, over all companies. A clock with nothing to come isn't in it.
    "create index clocks_due on clocks (next_at, id) where next_at is not null",
    "create unique index clocks_id on clocks (id)",
    """
    create table breaches (
        company_id int not null,
        task_id bigint not null,
        kind text not null,
        opened_at timestamptz not null,
        due_at timestamptz not null,
        step text not null default '',
        breached_at timestamptz not null,
        reason text not null,
        declared_at timestamptz not null,
        retracted_at timestamptz,
        primary key (company_id, task_id, kind, opened_at, due_at),
        foreign key (company_id, task_id) references tasks (company_id, id) on delete cascade
    )
    """,
)


def upgrade() -> None:
    """Create the tables, and the function that finds due clocks of all companies."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("ticket_facts", "clocks", "breaches"):
        enable_rls(op, table)
    allow_lookup(op, "clocks")
    _create_due_clocks(op.get_context().version_table_schema, roles_of(op).app)
    audit_table(
        op,
        "breaches",
        record="breach",
        key="task_id",
        shown=["kind", "step", "due_at", "breached_at", "reason", "retracted_at"],
    )


def _create_due_clocks(schema: str, app: str) -> None:
    """Create the function that finds due clocks of all companies with the owner's rights: company and id alone."""
    # now() and not clock_timestamp(): a volatile function is no condition of an index. Not sql: that is planned at each
    # call, which takes longer than the scan.
    op.execute(f"""
        create function due_clocks(as_of timestamptz, most int) returns table (company_id int, clock_id bigint)
        language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
        begin
            return query select c.company_id, c.id from {schema}.clocks c
                where c.next_at <= coalesce(as_of, now()) - interval '2 seconds' order by c.next_at, c.id limit most;
        end
        $$
    """)  # noqa: S608 - the schema's name
    op.execute("revoke all on function due_clocks from public")
    op.execute(f'grant execute on function due_clocks to "{app}"')
