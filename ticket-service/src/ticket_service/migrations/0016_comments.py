"""Comments of tickets with their earlier texts and ratings, and the replica of people."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import allow_lookup, enable_rls, roles_of

revision = "0016"
down_revision = "0015"

STATEMENTS = (
    """
    create table comments (
        company_id int not null,
        id bigint generated always as identity,
        -- Stored answers that quote the comment are found by it, so that they go with the text.
        uuid uuid not null,
        ticket_id bigint not null,
        parent_id bigint,
        depth int not null check (depth between 0 and 5),
        internal boolean not null,
        -- scheduled: its author alone sees it until its time. deleted: the text is gone, the replies stay.
        state text not null check (state in ('scheduled', 'sent', 'deleted')),
        author text not null,
        author_kind text not null check (author_kind in ('requester', 'agent', 'machine')),
        text text check (octet_length(text) between 1 and 65536),
        mentions bigint[] not null default '{}',
        version int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        -- Of a scheduled comment the time at which it is to be sent.
        sent_at timestamptz not null default clock_timestamp(),
        edited_at timestamptz,
        deleted_at timestamptz,
        -- The request, and whom the audit names, for a comment that is sent later.
        request_id text not null,
        traceparent text not null,
        actor_kind text not null,
        audit_actor text not null,
        primary key (company_id, id),
        foreign key (company_id, ticket_id) references tickets (company_id, id) on delete cascade,
        -- Cascading, because a company's rows are deleted in batches, which may divide a thread.
        foreign key (company_id, parent_id) references comments (company_id, id) on delete cascade,
        check ((state = 'deleted') = (text is null))
    )
    """,
    "create index comments_of_ticket on comments (company_id, ticket_id, sent_at, id)",
    "create index comments_by_parent on comments (company_id, parent_id) where parent_id is not null",
    "create index comments_due on comments (sent_at, id) where state = 'scheduled'",
    """
    create table comment_revisions (
        company_id int not null,
        comment_id bigint not null,
        -- The version of the comment that had this text.
        version int not null,
        text text not null,
        replaced_by text not null,
        replaced_at timestamptz not null default clock_timestamp(),
        primary key (company_id, comment_id, version),
        foreign key (company_id, comment_id) references comments (company_id, id) on delete cascade
    )
    """,
    """
    create table comment_ratings (
        company_id int not null,
        comment_id bigint not null,
        rater text not null,
        thumb text not null check (thumb in ('up', 'down')),
        ticket_id bigint not null,
        primary key (company_id, comment_id, rater),
        foreign key (company_id, comment_id) references comments (company_id, id) on delete cascade
    )
    """,
    """
    create table users (
        company_id int not null,
        user_id bigint not null,
        role text not null,
        is_active boolean not null,
        revision int not null,
        primary key (company_id, user_id)
    )
    """,
)


def upgrade() -> None:
    """Create the tables, and record who changes comments, without their texts."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("comments", "comment_revisions", "comment_ratings", "users"):
        enable_rls(op, table)
    allow_lookup(op, "comments")
    _create_due_comments(op.get_context().version_table_schema, roles_of(op).app)
    audit_table(
        op,
        "comments",
        record="comment",
        key="id",
        ticket="ticket_id",
        shown=["state", "internal", "parent_id"],
        lengths=["text"],
    )
    audit_table(op, "comment_ratings", record="comment_rating", key="comment_id", ticket="ticket_id", shown=["thumb"])


def _create_due_comments(schema: str, app: str) -> None:
    """Create the function that finds due comments of all companies with the owner's rights: company and id alone."""
    # now() and not clock_timestamp(): a volatile function is no condition of an index. Not sql: that is planned at each
    # call, which takes longer than the search.
    op.execute(f"""
        create function due_comments(most int) returns table (company_id int, comment_id bigint)
        language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
        begin
            return query select c.company_id, c.id from {schema}.comments c
                where c.state = 'scheduled' and c.sent_at <= now() order by c.sent_at, c.id limit most;
        end
        $$
    """)  # noqa: S608 - the schema's name
    op.execute("revoke all on function due_comments from public")
    op.execute(f'grant execute on function due_comments to "{app}"')
