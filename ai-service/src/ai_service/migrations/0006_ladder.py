"""What companies decide about their ladder, and the ledger of what calls of paid models used and cost."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    """
    create table ladder_settings (
        company_id int primary key,
        ladder_order text not null check (ladder_order in ('claude_first', 'local_first')),
        local_threshold double precision check (local_threshold between 0 and 1),
        daily_budget_usd numeric(14, 6) check (daily_budget_usd >= 0),
        monthly_budget_usd numeric(14, 6) check (monthly_budget_usd >= 0)
    )
    """,
    # One row per call. A token may cost a tenth of a millionth of a dollar: whole millionths would round too much.
    """
    create table usage (
        id bigint generated always as identity primary key,
        company_id int not null,
        at timestamptz not null default clock_timestamp(),
        ticket_id bigint,
        purpose text not null check (purpose in ('categorize')),
        model text not null,
        input_tokens int not null check (input_tokens >= 0),
        output_tokens int not null check (output_tokens >= 0),
        cache_read_tokens int not null check (cache_read_tokens >= 0),
        cache_write_tokens int not null check (cache_write_tokens >= 0),
        cost_micro_usd numeric(20, 4) check (cost_micro_usd >= 0),
        request_id text
    )
    """,
    "create index usage_of_company on usage (company_id, at)",
    "create index usage_of_ticket on usage (company_id, ticket_id) where ticket_id is not null",
    # The same by day, so that neither a budget nor a report ever adds up the ledger.
    """
    create table daily_usage (
        company_id int not null,
        day date not null,
        model text not null,
        calls bigint not null,
        unpriced_calls bigint not null,
        input_tokens bigint not null,
        output_tokens bigint not null,
        cache_read_tokens bigint not null,
        cache_write_tokens bigint not null,
        cost_micro_usd numeric(24, 4) not null,
        primary key (company_id, day, model)
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("ladder_settings", "usage", "daily_usage"):
        enable_rls(op, table)
