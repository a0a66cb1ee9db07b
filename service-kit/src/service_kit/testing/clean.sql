-- Empties all tables of a schema and restarts their sequences.
-- `truncate` creates new files for every table and index, which costs twenty times as much as deleting a few rows. The
-- lock waits for transactions in progress, as `truncate` does.
select set_config('clean.schema', %(schema)s, false), set_config('clean.kept', %(kept)s, false);
do $$
declare
    names text[] := array(
        select format('%%I.%%I', schemaname, tablename) from pg_tables
        where schemaname = current_setting('clean.schema') and tablename <> current_setting('clean.kept')
        order by tablename
    );
    name text;
begin
    perform set_config('session_replication_role', 'replica', true);  -- no triggers, no foreign keys
    if names <> '{}' then
        execute 'lock table ' || array_to_string(names, ', ') || ' in access exclusive mode';
    end if;
    foreach name in array names loop
        if pg_table_size(name::regclass) > 256 * 1024 then
            execute 'truncate ' || name || ' cascade';
        else
            execute 'delete from ' || name;
        end if;
    end loop;
    perform setval(format('%%I.%%I', schemaname, sequencename)::regclass, start_value, false)
    from pg_sequences where schemaname = current_setting('clean.schema') and last_value is not null;
end $$
