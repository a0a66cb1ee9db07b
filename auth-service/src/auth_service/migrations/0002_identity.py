"""Users, invitations, sessions with their refresh tokens, revocations, and the keys that sign access tokens."""

from alembic import op
from service_kit.database.ddl import allow_lookup, create_lookup, enable_rls

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    # Founding a company takes the next number; numbers that are in use already are skipped.
    "create sequence company_numbers as int minvalue 2",
    # `email_key` is the SHA-256 of the normalised address, `username_key` the normalised name.
    """
    create table users (
        company_id int not null,
        id bigint generated always as identity,
        email text not null check (char_length(email) between 3 and 254),
        email_key bytea not null unique check (octet_length(email_key) = 32),
        username text not null check (char_length(username) between 1 and 150),
        username_key text not null,
        password_hash text,
        password_version int not null default 1,
        role text not null check (role in ('requester', 'agent', 'manager', 'admin')),
        is_active boolean not null default true,
        email_verified boolean not null default false,
        preferences jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object'),
        revision int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        last_login_at timestamptz,
        primary key (company_id, id),
        unique (company_id, username_key)
    )
    """,
    """
    create table invitations (
        company_id int not null,
        id bigint generated always as identity,
        email text not null check (char_length(email) between 3 and 254),
        email_key bytea not null check (octet_length(email_key) = 32),
        role text not null check (role in ('requester', 'agent', 'manager', 'admin')),
        token_hash bytea not null unique check (octet_length(token_hash) = 32),
        invited_by text not null,
        created_at timestamptz not null default clock_timestamp(),
        expires_at timestamptz not null,
        accepted_at timestamptz,
        revoked_at timestamptz,
        primary key (company_id, id)
    )
    """,
    "create index invitations_open on invitations (company_id, email_key)"
    " where accepted_at is null and revoked_at is null",
    # A session is a family of refresh tokens: each token but the newest was exchanged for its successor.
    """
    create table sessions (
        company_id int not null,
        id uuid not null,
        user_id bigint not null,
        device text not null check (char_length(device) <= 200),
        address text not null check (char_length(address) <= 45),
        created_at timestamptz not null default clock_timestamp(),
        last_used_at timestamptz not null default clock_timestamp(),
        expires_at timestamptz not null,
        ended_at timestamptz,
        end_reason text check ((end_reason is null) = (ended_at is null)),
        primary key (company_id, id),
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
    "create index sessions_of on sessions (company_id, user_id)",
    """
    create table refresh_tokens (
        company_id int not null,
        session_id uuid not null,
        token_hash bytea not null unique check (octet_length(token_hash) = 32),
        created_at timestamptz not null default clock_timestamp(),
        used_at timestamptz,
        successor_sealed bytea check ((successor_sealed is null) = (used_at is null)),
        idle_expires_at timestamptz not null,
        primary key (company_id, token_hash),
        foreign key (company_id, session_id) references sessions on delete cascade
    )
    """,
    "create index refresh_tokens_of on refresh_tokens (company_id, session_id)",
    # The gateway polls them: access tokens and keys that must not be accepted although they are still valid.
    """
    create table revocations (
        company_id int not null,
        kind text not null check (kind in ('session', 'user', 'key')),
        id text not null,
        revoked_at timestamptz not null default clock_timestamp(),
        primary key (company_id, kind, id)
    )
    """,
    "create index revocations_by_time on revocations (revoked_at)",
    # Keys belong to no company. `private_sealed` is encrypted with AUTH_KEY_SECRET.
    """
    create table signing_keys (
        kid text primary key,
        algorithm text not null,
        public_jwk jsonb not null,
        private_sealed bytea not null,
        created_at timestamptz not null default clock_timestamp(),
        signs_from timestamptz not null,
        retires_at timestamptz not null,
        expires_at timestamptz not null
    )
    """,
)

# What is presented before its company is known. Each function returns the company and the row's id and nothing else;
# whatever follows runs in a session of that company.
LOOKUPS = {
    "find_login(key bytea) returns table (company_id int, id bigint)": (
        "select u.company_id, u.id from auth.users u where u.email_key = key"
    ),
    "find_refresh_token(hash bytea) returns table (company_id int, session_id uuid)": (
        "select t.company_id, t.session_id from auth.refresh_tokens t where t.token_hash = hash"
    ),
    "find_invitation(hash bytea) returns table (company_id int, id bigint)": (
        "select i.company_id, i.id from auth.invitations i where i.token_hash = hash"
    ),
    "revocations_since(since timestamptz) returns table (kind text, id text, revoked_at timestamptz)": (
        "select r.kind, r.id, r.revoked_at from auth.revocations r where r.revoked_at >= since order by r.revoked_at"
    ),
}


def upgrade() -> None:
    """Create the tables and the functions that find a company."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("users", "invitations", "sessions", "refresh_tokens", "revocations"):
        enable_rls(op, table)
    for table in ("users", "invitations", "refresh_tokens", "revocations"):
        allow_lookup(op, table)
    for signature, query in LOOKUPS.items():
        create_lookup(op, signature, query)
