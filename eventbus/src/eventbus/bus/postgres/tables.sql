-- The schema of the bus. Only its owner may use the tables. Services call the functions of publishing.sql and
-- receiving.sql, which identify the caller by its login role.

create table if not exists bus.principal (
    role name primary key,
    service text not null
);

create table if not exists bus.queue (
    -- 'bus.' and the name form the notification channel, an identifier, which limits the length.
    name text primary key check (name ~ '^[a-z0-9-]+(\.[a-z0-9_-]+)+$' and length(name) <= 59),
    created_at timestamptz not null default clock_timestamp()
);

create table if not exists bus.binding (
    queue text not null references bus.queue on delete cascade,
    pattern text not null check (pattern ~ '^([A-Za-z0-9_-]+|\*|#)(\.([A-Za-z0-9_-]+|\*|#))*$'),
    -- Matches an event's type with a dot at its end.
    regex text not null,
    primary key (queue, pattern)
);

create sequence if not exists bus.lease as bigint;
create sequence if not exists bus.holder as integer cycle;

-- No foreign key to the queue: it would lock the queue's row for every message.
create table if not exists bus.message (
    seq bigint generated always as identity primary key,
    queue text not null,
    id text not null,
    type text not null,
    attributes text not null,
    body bytea not null,
    published_at timestamptz not null default clock_timestamp(),
    deliveries integer not null default 0,
    dead boolean not null default false,
    -- Fencing token: `settle` accepts a message only with the lease under which it was received.
    lease bigint,
    leased_until timestamptz not null default '-infinity',
    -- The consumer's connection holds an advisory lock with this number. The lease ends with the connection.
    holder integer
) with (
    -- Free space for the update that a lease makes (HOT), and early vacuum, because a queue's rows are short-lived.
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000
);
create index if not exists message_next on bus.message (queue, seq) where not dead;
create index if not exists message_dead on bus.message (queue, seq) where dead;

create table if not exists bus.refill (
    service text not null,
    queue text not null,
    requested_at timestamptz not null default clock_timestamp(),
    primary key (service, queue)
);

create or replace function bus.forget_messages() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    delete from bus.message where queue = old.name;
    return old;
end $$;
create or replace trigger forget_messages after delete on bus.queue
    for each row execute function bus.forget_messages();
