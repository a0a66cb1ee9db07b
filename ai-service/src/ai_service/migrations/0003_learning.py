"""What people's corrections teach: texts with labels, runs of the training, and the models that came of them."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    # A row is begun by whichever event comes first: the ticket's text, or a person's routing.
    """
    create table examples (
        company_id int not null,
        ticket_id bigint not null,
        text text,
        created_at timestamptz,
        label text,
        labelled_at timestamptz,
        label_revision int not null default 0,
        primary key (company_id, ticket_id)
    )
    """,
    "create index examples_labelled on examples (company_id, created_at) where label is not null and text is not null",
    # How many tickets were read since the last training, and how often another model began to serve.
    """
    create table learning (
        company_id int primary key,
        analyses bigint not null default 0,
        promotions int not null default 0
    )
    """,
    """
    create table training_runs (
        id bigint generated always as identity primary key,
        company_id int not null,
        state text not null check (state in ('waiting', 'running', 'promoted', 'kept', 'failed')),
        asked_by text not null,
        asked_at timestamptz not null default clock_timestamp(),
        begun_at timestamptz,
        ended_at timestamptz,
        step text not null default '',
        examples int,
        version text,
        report jsonb,
        error text
    )
    """,
    "create index training_runs_newest on training_runs (company_id, id desc)",
    # One of them at a time.
    """
    create unique index training_runs_open on training_runs (company_id)
        where state in ('waiting', 'running')
    """,
    """
    create table models (
        company_id int not null,
        version text not null,
        run_id bigint not null,
        created_at timestamptz not null default clock_timestamp(),
        serving boolean not null default false,
        served_at timestamptz,
        examples int not null,
        encoder text not null,
        evaluation jsonb,
        head bytea not null,
        primary key (company_id, version)
    )
    """,
    "create unique index models_serving on models (company_id) where serving",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("examples", "learning", "training_runs", "models"):
        enable_rls(op, table)
