"""Requests to partners (AMS, BMS), and the workflows that make them."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import allow_lookup, enable_rls, roles_of

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    alter table workflow_versions add column end_logic text not null default 'none'
        check (end_logic in ('none', 'asset', 'budget', 'notification'))
    """,
    # The state of the newest request of the task's step, null where the step asks nobody.
    "alter table tasks add column external_state text",
    """
    create table external_requests (
        company_id int not null,
        id bigint generated always as identity,
        task_id bigint not null,
        ticket_id bigint not null,
        step text,
        kind text not null check (kind in ('asset', 'budget')),
        state text not null check (state in ('prepared', 'needs_data', 'waiting', 'unknown', 'approved', 'refused',
            'failed', 'withdrawn')),
        request jsonb,
        requester text not null default '',
        tries int not null default 0,
        asked_since timestamptz,
        next_try_at timestamptz,
        lease_until timestamptz,
        is_uncertain boolean not null default false,
        answer jsonb,
        reason text not null default '',
        decided_by text,
        decided_at timestamptz,
        overridden_by text,
        resends int not null default 0,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id),
        check ((next_try_at is not null) = (state in ('waiting', 'unknown'))),
        check (request is not null or state not in ('prepared', 'waiting', 'unknown')),
        foreign key (company_id, task_id) references tasks (company_id, id) on delete cascade
    ) with (fillfactor = 70)
    """,
    "create index external_requests_of_task on external_requests (company_id, task_id, id)",
    # The one index of the loop: by time first, over all companies. A request that isn't asked isn't in it.
    "create index external_requests_due on external_requests (kind, next_try_at, id) where next_try_at is not null",
    """
    create or replace function audit_of_task() returns trigger language plpgsql as $$
    begin
        if new.record in ('task', 'escalation', 'breach', 'external_request') then
            new.task_id := new.record_id::bigint;
        end if;
        return new;
    end
    $$
    """,
)


def upgrade() -> None:
    """Create the table, and the function that finds due requests of all companies."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "external_requests")
    allow_lookup(op, "external_requests")
    _create_due_requests(op.get_context().version_table_schema, roles_of(op).app)
    audit_table(
        op,
        "external_requests",
        record="external_request",
        key="task_id",
        ticket="ticket_id",
        shown=["kind", "step", "state", "decided_by", "overridden_by", "resends"],
        lengths=["request", "reason"],
    )


def _create_due_requests(schema: str, app: str) -> None:
    """Create the function that finds due requests of all companies with the owner's rights: company and id alone."""
    op.execute(f"""
        create function due_external_requests(wanted text, most int) returns table (company_id int, request_id bigint)
        language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
        begin
            return query select r.company_id, r.id from {schema}.external_requests r
                where r.kind = wanted and r.next_try_at <= now() and coalesce(r.lease_until, '-infinity') <= now()
                order by r.next_try_at, r.id limit most;
        end
        $$
    """)  # noqa: S608 - the schema's name
    op.execute("revoke all on function due_external_requests from public")
    op.execute(f'grant execute on function due_external_requests to "{app}"')
