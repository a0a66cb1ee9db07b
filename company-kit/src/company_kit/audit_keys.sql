-- Which API key acted: its id and its name at that time, beside the user whose rights it has; '' without one. These
-- statements may run again, because older databases get them by a migration of their own.
alter table audit add column if not exists key_id text not null default '';
alter table audit add column if not exists key_name text not null default '';
create index if not exists audit_of_key on audit (company_id, key_id, at, id) where key_id <> '';

-- `app.actor` is JSON in base64: whom the transaction acts for. `owner` is the user whom a record belongs to; it counts
-- where nobody is signed in, such as at a login.
create or replace function add_audit(
    of_company int, done text, of_record text, of_id text, of_ticket bigint, owner text, changed jsonb
) returns void language plpgsql as $$  -- not sql: that would be planned at each call
declare
    a jsonb := convert_from(decode(nullif(current_setting('app.actor', true), ''), 'base64'), 'UTF8')::jsonb;
    kind text := coalesce(a ->> 'kind', 'system');
    id text := coalesce(a ->> 'id', kind);
begin
    if kind = 'anonymous' and owner <> '' then
        kind := 'user';
        id := 'user:' || owner;
    end if;
    insert into audit
        (company_id, actor_kind, actor, actor_name, key_id, key_name, action, record, record_id, ticket_id, changes,
         ip, request_id)
    values
        (of_company, kind, id, coalesce(a ->> 'name', ''), coalesce(a ->> 'key', ''), coalesce(a ->> 'key_name', ''),
         done, of_record, of_id, of_ticket, changed, coalesce(a ->> 'ip', ''), coalesce(a ->> 'request_id', ''));
end
$$;
