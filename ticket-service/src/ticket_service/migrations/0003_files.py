"""Files with the storage keys of their bytes, and the sources of solutions."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    """
    create table blobs (
        company_id int not null,
        -- New for every upload and never used again, so that a deletion never hits new bytes.
        storage_key uuid not null,
        sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
        size_bytes bigint not null,
        -- arriving: reserved before the upload; stored: usable by files; unused: to be deleted.
        state text not null check (state in ('arriving', 'stored', 'unused')),
        changed_at timestamptz not null default clock_timestamp(),
        primary key (company_id, storage_key)
    )
    """,
    "create unique index blobs_stored on blobs (company_id, sha256) where state = 'stored'",
    "create index blobs_to_settle on blobs (changed_at) where state <> 'stored'",
    """
    create table files (
        company_id int not null,
        id uuid not null,
        name text not null check (char_length(name) between 1 and 255),
        kind text not null check (kind in ('pdf', 'word', 'excel', 'csv', 'text', 'html', 'markdown')),
        content_type text not null,
        storage_key uuid not null,
        version int not null default 1,
        uploaded_by text not null,
        uploaded_at timestamptz not null default now(),
        primary key (company_id, id),
        foreign key (company_id, storage_key) references blobs (company_id, storage_key)
    )
    """,
    "create unique index files_name on files (company_id, name)",
    "create index files_newest on files (company_id, uploaded_at, id)",
    "create index files_of_blob on files (company_id, storage_key)",
    """
    alter table tickets
        add column solution_confidence double precision check (solution_confidence between 0 and 1),
        add column solution_mode text
    """,
    # Which files' words a ticket shows, so that they go with the file.
    """
    create table solution_sources (
        company_id int not null,
        file_id uuid not null,
        ticket_id bigint not null,
        primary key (company_id, file_id, ticket_id),
        foreign key (company_id, ticket_id) references tickets (company_id, id) on delete cascade
    )
    """,
    "create index solution_sources_of_ticket on solution_sources (company_id, ticket_id)",
)


def upgrade() -> None:
    """Create the tables and columns."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("blobs", "files", "solution_sources"):
        enable_rls(op, table)
