-- Writes down every change that any transaction commits, in the same transaction: what is here happened, and what is not
-- here did not.
create schema audit;

create table audit.log (
    seq bigint generated always as identity,
    at timestamptz not null default clock_timestamp(),
    schema_name text not null,
    table_name text not null,
    action text not null,
    line jsonb not null
);

create function audit.note() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into audit.log (schema_name, table_name, action, line)
    values (tg_table_schema, tg_table_name, tg_op, case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end);
    return null;
end
$$;

do $$
declare
    place record;
begin
    for place in
        select schemaname, tablename from pg_tables
        where schemaname in (select schemaname from pg_tables where tablename = 'outbox')
            and tablename in ('tickets', 'ticket_events', 'outbox', 'inbox', 'parked', 'predictions', 'ticket_routing',
                              'analytics_events')
    loop
        execute format(
            'create trigger chaos_audit after insert or update or delete on %I.%I for each row execute function audit.note()',
            place.schemaname, place.tablename
        );
    end loop;
end
$$;
