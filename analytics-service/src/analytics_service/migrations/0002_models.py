"""The serving model of each company, and the usage of paid models by day."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    create table serving_models (
        company_id int primary key,
        version text,
        run_id bigint,
        examples int not null,
        accuracy double precision,
        macro_f1 double precision,
        promoted_at timestamptz not null,
        revision int not null
    )
    """,
    """
    create table model_usage (
        company_id int not null,
        day date not null,
        source text not null,
        model text not null,
        purpose text not null,
        calls bigint not null,
        -- Calls of a model without a price; they count as nothing in the sum.
        unpriced_calls bigint not null,
        input_tokens bigint not null,
        output_tokens bigint not null,
        cache_read_tokens bigint not null,
        cache_write_tokens bigint not null,
        cost_micro_usd numeric not null,
        primary key (company_id, day, source, model, purpose)
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("serving_models", "model_usage"):
        enable_rls(op, table)
