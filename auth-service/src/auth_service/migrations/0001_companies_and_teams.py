"""Companies with their switches, and teams with their members."""

from alembic import op
from service_kit.database.ddl import create_kit_tables, enable_rls

revision = "0001"
down_revision = None

STATEMENTS = (
    # Not `companies`: that is service-kit's list of companies, which has no row-level security.
    """
    create table company_profiles (
        company_id int primary key,
        name text not null check (char_length(name) between 1 and 200),
        description text not null default '' check (char_length(description) <= 2000),
        auto_categorize boolean not null default true,
        auto_prioritize boolean not null default true,
        auto_assign boolean not null default true,
        revision int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
    )
    """,
    # Members are stored in their team's row: they are few, and always read, changed and published together with it.
    """
    create table teams (
        id bigint generated always as identity primary key,
        company_id int not null,
        name text not null check (char_length(name) between 1 and 100),
        description text not null default '' check (char_length(description) <= 2000),
        is_active boolean not null default true,
        department text check (char_length(department) between 1 and 100),
        members jsonb not null default '[]' check (jsonb_array_length(members) <= 200),
        revision int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
    )
    """,
    "create unique index teams_name on teams (company_id, lower(name))",
    "create index teams_of on teams (company_id, id)",
)


def upgrade() -> None:
    """Create the schema."""
    create_kit_tables(op)
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("company_profiles", "teams"):
        enable_rls(op, table)
