"""Companies' switches and teams as auth-service tells of them, and the rules that decide priorities."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    # Not valid: every row that is there keeps the narrower check already, so none has to be looked at again.
    """
    alter table predictions
        drop constraint predictions_decided_by_check,
        add constraint predictions_decided_by_check
            check (decided_by in ('claude', 'bert', 'keywords', 'nobody')) not valid,
        add column priority_reason text not null default ''
    """,
    # Not `companies`: that is service-kit's list of companies met, which no wall protects.
    """
    create table company_switches (
        company_id int primary key,
        auto_categorize boolean not null,
        auto_prioritize boolean not null,
        auto_assign boolean not null,
        revision int not null
    )
    """,
    """
    create table teams (
        company_id int not null,
        team_id bigint not null,
        name text not null,
        description text not null,
        department text,
        is_active boolean not null,
        revision int not null,
        primary key (company_id, team_id)
    )
    """,
    """
    create table priority_rules (
        id bigint generated always as identity primary key,
        company_id int not null,
        name text not null check (char_length(name) between 1 and 100),
        words text[] not null check (cardinality(words) between 1 and 20),
        department text check (char_length(department) between 1 and 100),
        priority text not null check (priority in ('low', 'medium', 'high', 'urgent')),
        position int not null check (position between 0 and 1000000),
        active boolean not null
    )
    """,
    "create unique index priority_rules_name on priority_rules (company_id, lower(name))",
    "create index priority_rules_order on priority_rules (company_id, position, id)",
)


def upgrade() -> None:
    """Create the tables, and let predictions say that nobody decided."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("company_switches", "teams", "priority_rules"):
        enable_rls(op, table)
