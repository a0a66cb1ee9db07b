"""API keys, links for a new password, second factors, and the counters against guessing."""

from alembic import op
from service_kit.database.ddl import allow_lookup, create_lookup, enable_rls

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    # The id is part of the key and unique over all companies; `number` is the order of creation, for pages.
    """
    create table api_keys (
        company_id int not null,
        id text not null unique check (id ~ '^[0-9A-Za-z]{8}$'),
        number bigint generated always as identity,
        user_id bigint not null,
        name text not null check (char_length(name) between 1 and 100),
        secret_hash bytea not null check (octet_length(secret_hash) = 32),
        scopes text[] not null check (cardinality(scopes) between 1 and 100),
        created_at timestamptz not null default clock_timestamp(),
        expires_at timestamptz not null,
        last_used_at timestamptz,
        revoked_at timestamptz,
        primary key (company_id, id),
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
    "create index api_keys_of on api_keys (company_id, user_id)",
    "create index api_keys_pages on api_keys (company_id, number)",
    # A used link is deleted. `password_version` is the user's at the time: a later password makes the link worthless.
    """
    create table password_resets (
        company_id int not null,
        id bigint generated always as identity,
        user_id bigint not null,
        token_hash bytea not null unique check (octet_length(token_hash) = 32),
        password_version int not null,
        created_by text not null,
        created_at timestamptz not null default clock_timestamp(),
        expires_at timestamptz not null,
        primary key (company_id, id),
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
    "create index password_resets_of on password_resets (company_id, user_id)",
    # `last_step` is the time step of the last accepted code: a code works once.
    """
    create table totp (
        company_id int not null,
        user_id bigint not null,
        secret_sealed bytea not null,
        created_at timestamptz not null default clock_timestamp(),
        confirmed_at timestamptz,
        last_step bigint not null default 0,
        recovery_hashes bytea[] not null default '{}' check (cardinality(recovery_hashes) <= 10),
        primary key (company_id, user_id),
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
    # A try comes before anyone is known, so these rows belong to no company. Keys are keyed digests: they name nobody.
    """
    create table login_guards (
        key bytea primary key check (octet_length(key) = 32),
        tries int not null default 0,
        raised_at timestamptz,
        closed_until timestamptz
    )
    """,
    "create index login_guards_by_age on login_guards (raised_at)",
)

LOOKUPS = {
    "find_api_key(key_id text) returns table (company_id int, id text)": (
        "select k.company_id, k.id from auth.api_keys k where k.id = key_id"
    ),
    "find_password_reset(hash bytea) returns table (company_id int, id bigint)": (
        "select r.company_id, r.id from auth.password_resets r where r.token_hash = hash"
    ),
}


def upgrade() -> None:
    """Create the tables and the functions that find a company."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("api_keys", "password_resets", "totp"):
        enable_rls(op, table)
    for table in ("api_keys", "password_resets"):
        allow_lookup(op, table)
    for signature, query in LOOKUPS.items():
        create_lookup(op, signature, query)
