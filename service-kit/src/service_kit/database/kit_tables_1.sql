-- The kit's own tables, first version. A later version is a file of its own and never a change to this one.

create table outbox (
    id uuid primary key,
    company_id int not null,
    subject text not null,
    type text not null,
    revision int not null,
    body text not null,
    actor_kind text not null,
    request_id text not null default '',
    traceparent text not null default '',
    cause_id text not null default '',
    created_at timestamptz not null default clock_timestamp(),
    available_at timestamptz not null default now(),
    attempts int not null default 0,
    last_error text,
    published_at timestamptz,
    seq bigint not null generated always as identity
) with (autovacuum_vacuum_scale_factor = 0.02);
-- The relay's look for work: never wider than the backlog.
create index outbox_unpublished on outbox (seq) where published_at is null;
-- A refill, and the pruning of what was published long ago.
create index outbox_refill on outbox (type, created_at);
create index outbox_subject on outbox (company_id, subject);

create table inbox (
    queue text not null,
    event_id uuid not null,
    company_id int not null,
    subject text not null,
    type text not null,
    event_time timestamptz not null,
    received_at timestamptz not null,
    done_at timestamptz not null default clock_timestamp(),
    primary key (queue, event_id)
);
create index inbox_subject on inbox (company_id, subject);
create index inbox_pruning on inbox (done_at);

create table parked (
    id bigint generated always as identity primary key,
    queue text not null,
    event_id text not null,
    company_id int not null,
    subject text not null default '',
    type text not null default '',
    message_headers jsonb not null default '{}',
    body bytea not null,
    attempts int not null default 0,
    reason text not null,
    state text not null check (state in ('waiting', 'dead')),
    next_attempt_at timestamptz,
    first_failed_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    unique (queue, event_id)
);
create index parked_due on parked (next_attempt_at) where state = 'waiting';
create index parked_subject on parked (company_id, subject);

create table parked_actions (
    id bigint generated always as identity primary key,
    company_id int not null,
    parked_id bigint not null,
    queue text not null,
    event_id text not null,
    action text not null check (action in ('replayed', 'discarded')),
    actor text not null,
    reason text not null default '',
    created_at timestamptz not null default clock_timestamp()
);
create index parked_actions_of on parked_actions (company_id, parked_id);

create table tombstones (
    company_id int not null,
    subject text not null,
    ended_at timestamptz not null default clock_timestamp(),
    primary key (company_id, subject)
);

create table revisions (
    company_id int not null,
    queue text not null,
    source text not null,
    subject text not null,
    type text not null,
    revision int not null,
    -- The subject early: its end removes all its rows, whatever the queue.
    primary key (company_id, subject, queue, source, type)
);

create table idempotency_keys (
    company_id int not null,
    key text not null,
    subject text not null,
    route text not null,
    request_hash text not null,
    status int,
    response text,
    headers text,
    created_at timestamptz not null default clock_timestamp(),
    primary key (company_id, key)
);
create index idempotency_keys_pruning on idempotency_keys (company_id, created_at);

-- Not protected: sweeps begin here and then run once per company.
create table companies (
    id int primary key,
    added_at timestamptz not null default clock_timestamp()
);
