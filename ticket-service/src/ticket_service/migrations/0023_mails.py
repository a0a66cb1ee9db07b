"""Mails that became tickets and comments, and their files, which are fetched afterwards."""

from alembic import op
from service_kit.database.ddl import allow_lookup, enable_rls, roles_of

revision = "0023"
down_revision = "0022"

STATEMENTS = (
    """
    create table mails (
        company_id int not null,
        mail_id bigint not null,
        -- The digest of its Message-ID: answers name it. Null where it has none.
        message_key bytea,
        ticket_id bigint not null,
        -- The comment with its text or its files; null for a mail without files that opened the ticket.
        comment_id bigint,
        sender text not null,
        is_participant boolean not null,
        is_automatic boolean not null,
        -- Where the comment shows a part of it alone.
        whole_text text,
        received_at timestamptz not null,
        primary key (company_id, mail_id),
        foreign key (company_id, ticket_id) references tickets (company_id, id) on delete cascade,
        foreign key (company_id, comment_id) references comments (company_id, id) on delete cascade
    )
    """,
    "create index mails_by_message on mails (company_id, message_key) where message_key is not null",
    "create index mails_of_ticket on mails (company_id, ticket_id, sender)",
    "create index mails_of_comment on mails (company_id, comment_id) where comment_id is not null",
    """
    create table mail_files (
        company_id int not null,
        mail_id bigint not null,
        position int not null,
        name text not null,
        -- The comment that gets the file.
        comment_id bigint not null,
        state text not null default 'waiting' check (state in ('waiting', 'stored', 'refused')),
        reason text not null default '',
        attempts int not null default 0,
        next_try_at timestamptz not null default clock_timestamp(),
        primary key (company_id, mail_id, position),
        foreign key (company_id, mail_id) references mails (company_id, mail_id) on delete cascade,
        foreign key (company_id, comment_id) references comments (company_id, id) on delete cascade
    )
    """,
    "create index mail_files_due on mail_files (next_try_at, company_id, mail_id, position) where state = 'waiting'",
    "create index mail_files_of_comment on mail_files (company_id, comment_id)",
)


def upgrade() -> None:
    """Create the tables, and the function that finds files of all companies that wait."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("mails", "mail_files"):
        enable_rls(op, table)
    allow_lookup(op, "mail_files")
    schema, app = op.get_context().version_table_schema, roles_of(op).app
    # Not sql: that is planned at each call, which takes longer than the search.
    op.execute(f"""
        create function due_mail_files(most int) returns table (company_id int, mail_id bigint, "position" int)
        language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
        begin
            return query select f.company_id, f.mail_id, f.position from {schema}.mail_files f
                where f.state = 'waiting' and f.next_try_at <= now()
                order by f.next_try_at, f.company_id, f.mail_id, f.position limit most;
        end
        $$
    """)  # noqa: S608 - the schema's name
    op.execute("revoke all on function due_mail_files from public")
    op.execute(f'grant execute on function due_mail_files to "{app}"')
