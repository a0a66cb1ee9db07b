-- Functions for consumers. A service may use only its own queues: those whose names begin with the service's name.

create or replace function bus.check_own(wanted text) returns void
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
    if not starts_with(wanted, bus.caller() || '.') then
        raise insufficient_privilege using message = format('queue %s belongs to another service', wanted);
    end if;
end $$;

-- Give a consumer's connection a number and an advisory lock, which shows that the connection is alive.
create or replace function bus.open() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    holder integer := nextval('bus.holder');
begin
    perform bus.caller();
    perform pg_advisory_lock({holder_class}, holder);
    return holder;
end $$;

-- Lease the next messages. A message that was delivered too often becomes dead instead.
-- Index: message_next. Without the settings, a plan made for an empty table would scan the whole table.
create or replace function bus.receive(wanted text, most integer, lease_seconds float8, new_holder integer)
returns table (
    seq bigint, lease bigint, id text, type text, attributes text, body bytea, deliveries integer
)
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
#variable_conflict use_column
declare
    new_lease bigint;
begin
    perform bus.check_own(wanted);
    if not exists (select from bus.queue where name = wanted) then
        raise exception using errcode = 'BUS04', message = format('there is no queue %s', wanted);
    end if;
    new_lease := nextval('bus.lease');
    return query
    with next as (
        select m.seq from bus.message m
        where m.queue = wanted and not m.dead and m.leased_until < clock_timestamp()
        order by m.seq
        limit most
        for update skip locked
    ), leased as (
        update bus.message m
        set lease = new_lease,
            leased_until = clock_timestamp() + make_interval(secs => lease_seconds),
            holder = new_holder,
            deliveries = m.deliveries + 1,
            dead = m.deliveries >= {delivery_limit}
        from next
        where m.seq = next.seq
        returning m.*
    )
    select l.seq, l.lease, l.id, l.type, l.attributes, l.body, l.deliveries
    from leased l where not l.dead order by l.seq;
end $$;

-- Acknowledge in the worker's transaction. Returns the number of valid leases; a smaller number means a lost lease.
create or replace function bus.settle(wanted text, seqs bigint[], leases bigint[]) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
    settled integer;
begin
    perform bus.check_own(wanted);
    delete from bus.message m
    using unnest(seqs, leases) shown (seq, lease)
    where m.seq = shown.seq and m.lease = shown.lease and m.queue = wanted and not m.dead;
    get diagnostics settled = row_count;
    return settled;
end $$;

-- Release messages; this delivery doesn't count.
create or replace function bus.release(wanted text, seqs bigint[], leases bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
begin
    perform bus.check_own(wanted);
    update bus.message m set leased_until = '-infinity', lease = null, deliveries = greatest(m.deliveries - 1, 0)
    from unnest(seqs, leases) shown (seq, lease)
    where m.seq = shown.seq and m.lease = shown.lease and m.queue = wanted;
end $$;

-- Renew leases; returns the messages whose leases are still held.
create or replace function bus.renew(wanted text, seqs bigint[], leases bigint[], lease_seconds float8)
returns setof bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
begin
    perform bus.check_own(wanted);
    return query
    update bus.message m set leased_until = clock_timestamp() + make_interval(secs => lease_seconds)
    from unnest(seqs, leases) shown (seq, lease)
    where m.seq = shown.seq and m.lease = shown.lease and m.queue = wanted
    returning m.seq;
end $$;

-- Release the messages of killed consumers at once, before the end of their leases.
-- Leased messages are at the head of a queue, so checking the head is enough.
create or replace function bus.reclaim(wanted text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
begin
    perform bus.check_own(wanted);
    update bus.message m set leased_until = '-infinity'
    from (
        select seq, lease, holder, leased_until from bus.message
        where queue = wanted and not dead order by seq limit 2000
    ) head
    where m.seq = head.seq and m.lease = head.lease and head.leased_until > clock_timestamp()
        and not exists (
            select from pg_locks
            where locktype = 'advisory' and granted and classid = {holder_class} and objid = head.holder::oid
                and database = (select oid from pg_database where datname = current_database())
        );
end $$;

-- The number of pending and leased messages, at most 100,000, because a scrape must not read all of a long queue.
create or replace function bus.depth(wanted text) returns integer
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform bus.check_own(wanted);
    return count(*) from (select from bus.message where queue = wanted and not dead limit 100000) counted;
end $$;

create or replace function bus.dead_letters(wanted text, most integer)
returns table (seq bigint, id text, type text, attributes text, body bytea)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform bus.check_own(wanted);
    return query
    select m.seq, m.id, m.type, m.attributes, m.body from bus.message m
    where m.queue = wanted and m.dead order by m.seq limit most;
end $$;

create or replace function bus.forget_dead(wanted text, seqs bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform bus.check_own(wanted);
    delete from bus.message m where m.queue = wanted and m.dead and m.seq = any (seqs);
end $$;
