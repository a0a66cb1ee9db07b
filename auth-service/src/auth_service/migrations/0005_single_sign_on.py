"""Single sign-on: connections to OpenID providers, sign-ins that are under way, and the identities of people there."""

from alembic import op
from service_kit.database.ddl import allow_lookup, create_lookup, enable_rls

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    # The id stands in the address at which people sign in, so it is unique over all companies and can't be guessed.
    """
    create table sso_connections (
        company_id int not null,
        id uuid not null unique,
        number bigint generated always as identity,
        name text not null check (char_length(name) between 1 and 100),
        issuer text not null check (char_length(issuer) <= 500),
        client_id text not null check (char_length(client_id) between 1 and 200),
        client_secret_sealed bytea,
        scopes text[] not null,
        domains text[] not null check (cardinality(domains) between 1 and 100),
        groups_claim text check (char_length(groups_claim) between 1 and 100),
        role_map jsonb not null default '{}' check (jsonb_typeof(role_map) = 'object'),
        default_role text check (default_role = 'requester'),
        create_users boolean not null,
        verified_claim text not null check (verified_claim in ('email_verified', 'xms_edov')),
        is_active boolean not null,
        revision int not null default 1,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id)
    )
    """,
    # A sign-in that was sent to a provider. Nonce and code verifier are derived from the state and from the cookie of
    # the browser, of which only digests are stored. `user_id`: a person who links an identity from within a session.
    """
    create table sso_attempts (
        company_id int not null,
        state_hash bytea not null check (octet_length(state_hash) = 32),
        browser_hash bytea not null check (octet_length(browser_hash) = 32),
        connection_id uuid not null,
        user_id bigint,
        return_to text check (char_length(return_to) <= 500),
        created_at timestamptz not null default clock_timestamp(),
        expires_at timestamptz not null,
        primary key (company_id, state_hash),
        foreign key (company_id, connection_id) references sso_connections on delete cascade,
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
    "create index sso_attempts_of on sso_attempts (company_id, connection_id)",
    # A person at a provider is the issuer and the subject, never the address.
    """
    create table user_identities (
        company_id int not null,
        id bigint generated always as identity,
        user_id bigint not null,
        issuer text not null check (char_length(issuer) <= 500),
        subject text not null check (char_length(subject) between 1 and 255),
        created_at timestamptz not null default clock_timestamp(),
        last_used_at timestamptz not null default clock_timestamp(),
        primary key (company_id, id),
        unique (company_id, issuer, subject),
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
    "create index user_identities_of on user_identities (company_id, user_id)",
    # What the browser brings back from the provider is exchanged for tokens, once, by the same browser.
    """
    create table sso_codes (
        company_id int not null,
        code_hash bytea not null unique check (octet_length(code_hash) = 32),
        browser_hash bytea not null check (octet_length(browser_hash) = 32),
        user_id bigint not null,
        expires_at timestamptz not null,
        primary key (company_id, code_hash),
        foreign key (company_id, user_id) references users on delete cascade
    )
    """,
    "create index sso_codes_of on sso_codes (company_id, user_id)",
)

LOOKUPS = {
    "find_sso_connection(connection uuid) returns table (company_id int)": (
        "select c.company_id from auth.sso_connections c where c.id = connection"
    ),
    "find_sso_code(hash bytea) returns table (company_id int)": (
        "select c.company_id from auth.sso_codes c where c.code_hash = hash"
    ),
}


def upgrade() -> None:
    """Create the tables and the functions that find a company."""
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("sso_connections", "sso_attempts", "user_identities", "sso_codes"):
        enable_rls(op, table)
    for table in ("sso_connections", "sso_codes"):
        allow_lookup(op, table)
    for signature, query in LOOKUPS.items():
        create_lookup(op, signature, query)
