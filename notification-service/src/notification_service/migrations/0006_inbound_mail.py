"""Mailboxes of companies, and the mails that arrive there."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import allow_lookup, create_lookup, enable_rls, roles_of

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    # Several companies may name one address: whose secret a mail is signed with, decides.
    """
    create table mailboxes (
        company_id int not null,
        id bigint generated always as identity,
        address text not null check (address = lower(address)),
        provider text not null check (provider in ('generic', 'sendgrid', 'mailgun', 'postmark', 'imap')),
        secret_sealed bytea not null,
        host text,
        port int,
        username text,
        folder text,
        is_active boolean not null default true,
        version int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        -- Where the reader of an IMAP mailbox is. The numbers of mails count within one validity alone.
        uid_validity bigint,
        last_uid bigint,
        next_read_at timestamptz not null default clock_timestamp(),
        -- One reader at a time: a lease, which ends by itself where its process does.
        leased_until timestamptz,
        lease uuid,
        read_at timestamptz,
        fault text not null default '',
        primary key (company_id, id),
        unique (company_id, address)
    ) with (fillfactor = 70)
    """,
    "create index mailboxes_by_address on mailboxes (address, provider) where is_active",
    "create index mailboxes_due on mailboxes (next_read_at, id) where provider = 'imap' and is_active",
    # The mail itself is stored first and read later: whatever happens to it then, it is not lost.
    """
    create table inbound_mails (
        company_id int not null,
        id bigint generated always as identity,
        mailbox text not null,
        sha256 bytea not null check (octet_length(sha256) = 32),
        content bytea not null,
        size_bytes int not null,
        -- The address that the provider says it was sent to.
        recipient text not null default '',
        -- What a provider uses once, where its signature doesn't cover the mail.
        provider_token text,
        request_id text not null,
        state text not null default 'stored'
            check (state in ('stored', 'published', 'bounce', 'ignored', 'duplicate', 'parked')),
        reason text not null default '',
        is_retried boolean not null default false,
        attempts int not null default 0,
        claimed_until timestamptz,
        kind text check (kind in ('human', 'automatic', 'bounce', 'loop')),
        message_id text,
        -- The same mail in two mailboxes is one mail.
        content_key bytea,
        sender text,
        subject text,
        proven_ticket_id bigint,
        ticket_id bigint,
        comment_id bigint,
        received_at timestamptz not null default clock_timestamp(),
        ended_at timestamptz,
        primary key (company_id, id),
        unique (company_id, mailbox, sha256)
    ) with (fillfactor = 80)
    """,
    "create unique index inbound_mails_once on inbound_mails (company_id, content_key) where state = 'published'",
    """
    create unique index inbound_mails_tokens on inbound_mails (company_id, mailbox, provider_token)
        where provider_token is not null
    """,
    "create index inbound_mails_waiting on inbound_mails (received_at, id) where state = 'stored'",
    "create index inbound_mails_by_state on inbound_mails (company_id, state, id)",
    "create index inbound_mails_of_ticket on inbound_mails (company_id, ticket_id) where ticket_id is not null",
    """
    create index inbound_mails_automatic on inbound_mails (company_id, sender, ended_at)
        where state = 'published' and kind = 'automatic'
    """,
    # An answer names the Message-ID of the mail that it answers.
    "create index deliveries_by_message_id on deliveries (company_id, message_id)",
    "create index inbound_mails_by_age on inbound_mails (company_id, received_at)",
)


def upgrade() -> None:
    """Create the tables, and the functions that find rows of all companies."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("mailboxes", "inbound_mails"):
        enable_rls(op, table)
        allow_lookup(op, table)
    schema = op.get_context().version_table_schema
    create_lookup(
        op,
        "find_mailboxes(wanted text, by_provider text, most int) returns table (company_id int, mailbox_id bigint)",
        f"select m.company_id, m.id from {schema}.mailboxes m"  # noqa: S608 - the schema's name
        " where m.address = wanted and m.provider = by_provider and m.is_active order by m.id limit most",
    )
    _create_look(
        "due_mailboxes(most int) returns table (company_id int, mailbox_id bigint)",
        f"select m.company_id, m.id from {schema}.mailboxes m"  # noqa: S608 - the schema's name
        " where m.provider = 'imap' and m.is_active and m.next_read_at <= now()"
        " and (m.leased_until is null or m.leased_until < now()) order by m.next_read_at, m.id limit most",
    )
    _create_look(
        "waiting_mails(most int) returns table (company_id int, mail_id bigint)",
        f"select m.company_id, m.id from {schema}.inbound_mails m"  # noqa: S608 - the schema's name
        " where m.state = 'stored' and (m.claimed_until is null or m.claimed_until < now())"
        " order by m.received_at, m.id limit most",
    )
    audit_table(
        op,
        "mailboxes",
        record="mailbox",
        key="id",
        shown=["provider", "host", "port", "folder", "is_active"],
        lengths=["address", "username"],
        secrets=["secret_sealed"],
    )
    audit_table(op, "inbound_mails", record="inbound_mail", key="id", shown=["state", "is_retried"])


def _create_look(signature: str, query: str) -> None:
    """Create a function that finds rows of all companies with the owner's rights and returns company and id alone."""
    # Not sql: that is planned at each call, which takes longer than the look.
    name = signature.partition("(")[0]
    op.execute(
        f"create function {signature} language plpgsql stable security definer"
        f" set search_path = pg_catalog, pg_temp as $$ begin return query {query}; end $$"
    )
    op.execute(f"revoke all on function {name} from public")
    op.execute(f'grant execute on function {name} to "{roles_of(op).app}"')
