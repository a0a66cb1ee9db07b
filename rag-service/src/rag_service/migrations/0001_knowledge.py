"""Documents and their passages, what people approved, conversations, proposals, and questions to measure by."""

from alembic import op
from service_kit.database.ddl import create_kit_tables, enable_rls

revision = "0001"
down_revision = None

TABLES = (
    "documents",
    "chunks",
    "approved_answers",
    "conversations",
    "turns",
    "proposals",
    "rebuilds",
    "questions",
    "outside",
)
STATEMENTS = (
    """
    create table documents (
        company_id int not null,
        id uuid not null,
        name text not null check (char_length(name) between 1 and 255),
        kind text not null check (char_length(kind) <= 20),
        origin text not null check (origin in ('file', 'outside')),
        version int not null,
        state text not null check (state in ('waiting', 'reading', 'ready', 'failed')),
        reason_code text,
        reason text,
        pages int,
        chunks int not null default 0,
        chunks_read int not null default 0,
        revision int not null default 0,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        -- The company first, as in every index: a search by id alone would have to look through all companies.
        primary key (company_id, id)
    )
    """,
    "create index documents_by_time on documents (company_id, created_at, id)",
    """
    create table chunks (
        company_id int not null,
        id uuid not null,
        document_id uuid not null,
        version int not null,
        ordinal int not null,
        title text not null,
        heading jsonb not null,
        place text not null,
        text text not null,
        -- Half precision, as many numbers as the encoder has: Qdrant can be filled again without reading texts anew.
        -- Null: stored while there was no encoder.
        vector bytea,
        encoder text,
        primary key (company_id, id),
        foreign key (company_id, document_id) references documents (company_id, id) on delete cascade
    )
    """,
    "create index chunks_of on chunks (company_id, document_id, ordinal)",
    """
    create table approved_answers (
        company_id int not null,
        id bigint generated always as identity,
        question text not null check (char_length(question) between 1 and 2000),
        steps jsonb not null,
        approved_by text not null,
        vector bytea,
        encoder text,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id)
    )
    """,
    """
    create table conversations (
        company_id int not null,
        id uuid not null,
        owner text not null,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id)
    )
    """,
    "create index conversations_by_time on conversations (company_id, updated_at)",
    """
    create table turns (
        company_id int not null,
        conversation_id uuid not null,
        number int not null,
        question text not null,
        answer text not null,
        -- Whose words the answer holds, so that they go with the document.
        documents uuid[] not null default '{}',
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, conversation_id, number),
        foreign key (company_id, conversation_id) references conversations (company_id, id) on delete cascade
    )
    """,
    """
    create table proposals (
        company_id int not null,
        ticket_id bigint not null,
        revision int not null,
        proposed_at timestamptz not null default clock_timestamp(),
        primary key (company_id, ticket_id)
    )
    """,
    """
    create table rebuilds (
        company_id int primary key,
        number int not null default 1,
        state text not null check (state in ('requested', 'running', 'done')),
        done int not null default 0,
        total int not null default 0,
        requested_at timestamptz not null default clock_timestamp(),
        finished_at timestamptz
    )
    """,
    """
    create table questions (
        company_id int not null,
        id bigint generated always as identity,
        question text not null check (char_length(question) between 1 and 2000),
        expected jsonb not null,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id)
    )
    """,
    """
    create table outside (
        company_id int not null,
        id uuid not null,
        -- Counts what outside producers said of a file, in the order in which it was taken: each request's version.
        number int not null default 1,
        -- The number of the last removal; no version up to it is wanted any more.
        removed int not null default 0,
        primary key (company_id, id)
    )
    """,
)


def upgrade() -> None:
    """Create the schema."""
    create_kit_tables(op)
    for statement in STATEMENTS:
        op.execute(statement)
    for table in (
        "documents",
        "chunks",
        "approved_answers",
        "conversations",
        "turns",
        "proposals",
        "rebuilds",
        "questions",
        "outside",
    ):
        enable_rls(op, table)
