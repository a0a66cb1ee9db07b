"""New policies of open tasks, the applications that gave them, and the hours in which tasks are assigned."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    # Since when which version measures the task, beside its own: [{at, version, calendar_version}]. null for none.
    "alter table tasks add column policies jsonb",
    """
    alter table workflow_versions add column assignment_hours text not null default 'always'
        check (assignment_hours in ('always', 'open'))
    """,
    # An application is about a workflow's version with that of its calendar, or about a calendar's version alone.
    """
    create table policy_applications (
        company_id int not null,
        id bigint generated always as identity,
        workflow_id bigint,
        workflow_version int,
        calendar_id bigint,
        calendar_version int,
        state text not null default 'pending' check (state in ('pending', 'done')),
        after_task bigint not null default 0,
        tasks int not null default 0,
        moved int not null default 0,
        created_at timestamptz not null default clock_timestamp(),
        finished_at timestamptz,
        primary key (company_id, id),
        check (workflow_id is not null or calendar_id is not null)
    )
    """,
    "create index policy_applications_pending on policy_applications (company_id, id) where state = 'pending'",
)


def upgrade() -> None:
    """Create the table, and the column of tasks."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "policy_applications")
    audit_table(
        op,
        "policy_applications",
        record="policy_application",
        key="id",
        shown=["workflow_id", "workflow_version", "calendar_id", "calendar_version"],
    )
