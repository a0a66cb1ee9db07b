"""Workflows with their versions, tickets, tasks with their history, and what assignment needs."""

from alembic import op
from company_kit.ddl import audit_table, create_audit, create_deleted_companies
from service_kit.database.ddl import create_kit_tables, enable_rls, roles_of

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    create table workflows (
        company_id int not null,
        id bigint generated always as identity,
        name text not null check (char_length(name) between 1 and 100),
        description text not null default '' check (char_length(description) <= 2000),
        category text,
        sub_category text,
        department text,
        state text not null default 'draft' check (state in ('draft', 'deployed', 'paused')),
        is_default boolean not null default false,
        version int not null default 1,
        revision int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id)
    )
    """,
    "create unique index workflows_name on workflows (company_id, lower(name)) where not is_default",
    "create unique index workflows_default on workflows (company_id) where is_default",
    # One deployed workflow takes a ticket. null is equal to null here: no category is a category too.
    """
    create unique index workflows_deployed on workflows
        (company_id, lower(category), lower(sub_category), lower(department)) nulls not distinct
        where state = 'deployed' and not is_default
    """,
    # A version never changes, so that running tasks keep theirs.
    """
    create table workflow_versions (
        company_id int not null,
        workflow_id bigint not null,
        version int not null,
        steps jsonb not null,
        transitions jsonb not null,
        calendar_id bigint,
        urgent_sla_seconds int not null,
        high_sla_seconds int not null,
        medium_sla_seconds int not null,
        low_sla_seconds int not null,
        assignment text not null check (assignment in ('round_robin', 'least_loaded')),
        capacity int check (capacity > 0),
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, workflow_id, version),
        foreign key (company_id, workflow_id) references workflows (company_id, id) on delete cascade
    )
    """,
    # A row per ticket: what events have reported, and a tombstone once it is deleted. An unmatched ticket has no task
    # because no workflow takes it.
    """
    create table tickets (
        company_id int not null,
        ticket_id bigint not null,
        ticket_uuid uuid,
        category text,
        sub_category text,
        department text,
        team_id bigint,
        team text,
        priority text not null default 'low' check (priority in ('low', 'medium', 'high', 'urgent')),
        routed_revision int not null default 0,
        status text,
        status_revision int not null default 0,
        unmatched_since timestamptz,
        gone boolean not null default false,
        primary key (company_id, ticket_id)
    ) with (fillfactor = 80)
    """,
    "create index tickets_unmatched on tickets (company_id, ticket_id) where unmatched_since is not null",
    """
    create table tasks (
        company_id int not null,
        id bigint generated always as identity,
        ticket_id bigint not null,
        ticket_uuid uuid,
        external_ticket_id text,
        workflow_id bigint not null,
        workflow_version int not null,
        matched_by text not null,
        department text,
        team_id bigint,
        team text,
        priority text not null,
        status text not null default 'pending' check (status in ('pending', 'in_progress', 'completed', 'closed')),
        step text not null,
        resume_step text,
        assigned_user text,
        assigned_at timestamptz,
        sla_deadline timestamptz,
        is_sla_breached boolean not null default false,
        clocks jsonb,
        version int not null default 1,
        revision int not null default 0,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        completed_at timestamptz,
        primary key (company_id, id),
        unique (company_id, ticket_id),
        foreign key (company_id, workflow_id, workflow_version)
            references workflow_versions (company_id, workflow_id, version)
    ) with (fillfactor = 70)
    """,
    "create index tasks_of_person on tasks (company_id, assigned_user, id)",
    """
    create index tasks_open_of_person on tasks (company_id, assigned_user)
        where status in ('pending', 'in_progress')
    """,
    "create index tasks_due on tasks (company_id, sla_deadline, id)",
    """
    create index tasks_waiting on tasks (company_id, id)
        where status in ('pending', 'in_progress') and assigned_user is null
    """,
    """
    create table task_events (
        company_id int not null,
        id bigint generated always as identity,
        task_id bigint not null,
        at timestamptz not null default clock_timestamp(),
        action text not null,
        actor text not null,
        from_status text,
        to_status text not null,
        from_step text,
        to_step text not null,
        from_user text,
        to_user text,
        notes text not null default '',
        primary key (company_id, task_id, id),
        foreign key (company_id, task_id) references tasks (company_id, id) on delete cascade
    )
    """,
    # Why a task has its assignee: the candidates with the reasons for and against each.
    """
    create table assignments (
        company_id int not null,
        id bigint generated always as identity,
        task_id bigint not null,
        at timestamptz not null default clock_timestamp(),
        assigned_user text,
        method text not null,
        pool text not null,
        candidates jsonb not null,
        primary key (company_id, task_id, id),
        foreign key (company_id, task_id) references tasks (company_id, id) on delete cascade
    )
    """,
    """
    create table escalations (
        company_id int not null,
        task_id bigint not null,
        role text not null,
        reason text not null,
        at timestamptz not null default clock_timestamp(),
        primary key (company_id, task_id, role),
        foreign key (company_id, task_id) references tasks (company_id, id) on delete cascade
    )
    """,
    # The row is locked by every transaction that assigns a company's tasks: choosing begins in a later statement, whose
    # snapshot shows what the transaction before has assigned.
    """
    create table turns (
        company_id int primary key,
        last_turn bigint not null default 0,
        people_changed boolean not null default false
    )
    """,
    """
    create table turns_of_people (
        company_id int not null,
        pool text not null,
        email text not null,
        last_turn bigint not null,
        at timestamptz not null default clock_timestamp(),
        primary key (company_id, pool, email)
    ) with (fillfactor = 50)
    """,
    """
    create table presence (
        company_id int not null,
        email text not null,
        subject text not null,
        available boolean not null,
        until timestamptz,
        since timestamptz not null default clock_timestamp(),
        primary key (company_id, email)
    )
    """,
    """
    create table teams (
        company_id int not null,
        team_id bigint not null,
        name text not null,
        department text,
        is_active boolean not null,
        members jsonb not null,
        gone boolean not null,
        revision int not null,
        primary key (company_id, team_id)
    )
    """,
    """
    create table users (
        company_id int not null,
        user_id bigint not null,
        email text not null,
        role text not null,
        is_active boolean not null,
        revision int not null,
        primary key (company_id, user_id)
    )
    """,
    """
    create function audit_of_task() returns trigger language plpgsql as $$
    begin
        if new.record in ('task', 'escalation') then
            new.task_id := new.record_id::bigint;
        end if;
        return new;
    end
    $$
    """,
    "create trigger of_task before insert on audit for each row execute function audit_of_task()",
)
TABLES = (
    "workflows",
    "workflow_versions",
    "tickets",
    "tasks",
    "task_events",
    "assignments",
    "escalations",
    "turns",
    "turns_of_people",
    "presence",
    "teams",
    "users",
)
APPEND_ONLY = ("workflow_versions", "task_events", "assignments", "escalations")


def upgrade() -> None:
    """Create the schema."""
    create_kit_tables(op)
    create_deleted_companies(op)
    create_audit(op)
    for statement in STATEMENTS:
        op.execute(statement)
    for table in TABLES:
        enable_rls(op, table)
    for table in APPEND_ONLY:
        op.execute(f'revoke update on {table} from "{roles_of(op).app}"')
    audit_table(
        op,
        "workflows",
        record="workflow",
        key="id",
        shown=["name", "category", "sub_category", "department", "state", "version"],
        lengths=["description"],
    )
    audit_table(
        op,
        "tasks",
        record="task",
        key="id",
        ticket="ticket_id",
        shown=["status", "step", "priority", "department", "team", "workflow_id", "workflow_version"],
        lengths=["assigned_user"],
    )
    audit_table(op, "escalations", record="escalation", key="task_id", shown=["role"], lengths=["reason"])
    audit_table(op, "presence", record="presence", key="subject", shown=["available", "until"])
    audit_table(op, "parked_actions", record="dead_letter", key="parked_id", shown=["action", "queue", "event_id"])
