"""Files that people attach to comments. Unlike `files` they are no knowledge: no answer is made from them."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import enable_rls

revision = "0017"
down_revision = "0016"

STATEMENTS = (
    """
    create table attachments (
        company_id int not null,
        id uuid not null,
        ticket_id bigint not null,
        -- Null until a comment has it; then whoever sees the comment sees the file.
        comment_id bigint,
        name text not null check (char_length(name) between 1 and 255),
        kind text not null check (kind in ('pdf', 'word', 'excel', 'csv', 'text', 'html', 'markdown')),
        content_type text not null,
        storage_key uuid not null,
        uploaded_by text not null,
        uploaded_at timestamptz not null default now(),
        primary key (company_id, id),
        foreign key (company_id, ticket_id) references tickets (company_id, id) on delete cascade,
        foreign key (company_id, comment_id) references comments (company_id, id) on delete cascade,
        foreign key (company_id, storage_key) references blobs (company_id, storage_key)
    )
    """,
    "create index attachments_of_ticket on attachments (company_id, ticket_id)",
    "create index attachments_of_comment on attachments (company_id, comment_id) where comment_id is not null",
    "create index attachments_of_blob on attachments (company_id, storage_key)",
    "create index attachments_unused on attachments (company_id, uploaded_at) where comment_id is null",
)


def upgrade() -> None:
    """Create the table, and record who attaches what, without the names of files."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "attachments")
    audit_table(
        op,
        "attachments",
        record="attachment",
        key="id",
        ticket="ticket_id",
        shown=["kind", "comment_id"],
        lengths=["name"],
    )
