-- Functions for relays. Every function runs as the schema's owner and acts for the service of the login role.

create or replace function bus.caller() returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    found_service text;
begin
    select service into found_service from bus.principal where role = session_user;
    if found_service is null then
        raise insufficient_privilege using message = format('role %s is no service of this bus', session_user);
    end if;
    return found_service;
end $$;

-- Create a missing queue, bind it and request a refill from all relays, atomically.
-- Any service may create a missing queue of another. Only its own service may change the bindings of an existing queue.
create or replace function bus.declare(wanted text, patterns text[]) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller text := bus.caller();
    owner text := split_part(wanted, '.', 1);
    created boolean;
begin
    if not exists (select from bus.principal where service = owner) then
        raise insufficient_privilege using message = format('queue %s belongs to no service of this bus', wanted);
    end if;
    insert into bus.queue (name) values (wanted) on conflict do nothing;
    created := found;
    if created or owner = caller then
        delete from bus.binding where queue = wanted and pattern <> all (patterns);
        insert into bus.binding (queue, pattern, regex)
        select wanted, pattern, bus.regex_of(pattern) from unnest(patterns) pattern
        on conflict do nothing;
    end if;
    if created then
        perform bus.ask_for_refill(wanted);
    end if;
    return created;
end $$;

-- '*' matches one word, '#' any number of words.
create or replace function bus.regex_of(pattern text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select '^' || string_agg(
        case word when '*' then '[^.]+\.' when '#' then '([^.]+\.)*' else word || '\.' end, '' order by position
    ) || '$'
    from string_to_table(pattern, '.') with ordinality words (word, position)
$$;

create or replace function bus.ask_for_refill(wanted text) returns void
language sql set search_path = pg_catalog, pg_temp as $$
    insert into bus.refill (service, queue)
    select distinct service, wanted from bus.principal
    on conflict (service, queue) do update set requested_at = clock_timestamp()
$$;

create or replace function bus.request_refill(wanted text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform bus.caller();
    perform bus.ask_for_refill(wanted);
end $$;

-- Delete answered requests, unless they were repeated since, and return the open ones.
create or replace function bus.refill_requests(answered text[], answered_at timestamptz[])
returns table (queue text, requested_at timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller text := bus.caller();
begin
    delete from bus.refill r
    using unnest(answered, answered_at) a (queue, requested_at)
    where r.service = caller and r.queue = a.queue and r.requested_at <= a.requested_at;
    return query select r.queue, r.requested_at from bus.refill r where r.service = caller;
end $$;

-- Store messages in the queues bound to their types, or only in `queues[n]` where it is given.
-- Returns the number of queues per message. Runs in the caller's transaction, which also marks its outbox.
create or replace function bus.publish(ids text[], types text[], attributes text[], bodies bytea[], queues text[])
returns integer[]
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    caller text := bus.caller();
    reached integer[];
    touched text[];
begin
    if exists (select from unnest(attributes) a where a::json ->> 'source' is distinct from caller) then
        raise insufficient_privilege using message = format('%s may not publish for another source', caller);
    end if;
    with outgoing as (
        select * from unnest(ids, types, attributes, bodies, queues)
        with ordinality m (id, type, attributes, body, queue, position)
    ), route as (
        -- A batch has few types: match each of them once.
        select t.type, b.queue
        from (select distinct o.type from outgoing o where o.queue is null) t
        join bus.binding b on t.type || '.' ~ b.regex
        group by t.type, b.queue
    ), copy as (
        select o.*, r.queue as target from outgoing o join route r on r.type = o.type where o.queue is null
        union all
        select o.*, q.name from outgoing o join bus.queue q on q.name = o.queue
    ), stored as (
        insert into bus.message (queue, id, type, attributes, body)
        select target, id, type, c.attributes, body from copy c order by position
        returning message.queue
    )
    select
        (select array_agg((select count(*) from copy c where c.position = o.position)::integer order by o.position)
         from outgoing o),
        (select array_agg(distinct s.queue) from stored s)
    into reached, touched;
    -- Sent when the relay's transaction commits; a ticket's own transaction never notifies.
    perform pg_notify('bus.' || queue, '') from unnest(touched) queue;
    -- The commit need not wait for the disk: a crash loses message and mark together, and the outbox still has the event.
    -- A consumer's effects follow it in the write-ahead log, so they never survive without their cause.
    perform set_config('synchronous_commit', 'off', true);
    return reached;
end $$;
