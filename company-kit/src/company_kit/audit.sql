-- Who did what to which record, from where: a row per changed record, in the transaction of the change. Append-only:
-- the service's role may only insert and select, and a trigger is the second line of defence.
create table audit (
    company_id int not null,
    id bigint not null generated always as identity,
    at timestamptz not null default clock_timestamp(),
    actor_kind text not null check (actor_kind in ('user', 'api_key', 'service', 'system', 'anonymous')),
    actor text not null,
    actor_name text not null default '',
    action text not null,
    record text not null,
    record_id text not null,
    ticket_id bigint,
    task_id bigint,
    changes jsonb not null default '[]',
    ip text not null default '',
    request_id text not null default '',
    primary key (company_id, at, id)
);
create index audit_of_actor on audit (company_id, actor, at, id);
create index audit_of_ticket on audit (company_id, ticket_id, at, id) where ticket_id is not null;
create index audit_of_task on audit (company_id, task_id, at, id) where task_id is not null;

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and current_setting('app.audit_removal', true) = 'on' then
        return old;
    end if;
    raise exception 'audit records are append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger append_only before update or delete on audit for each row execute function refuse_audit_change();

-- The only way to delete records: old ones, or those of a deleted company. It runs with the owner's rights.
create function remove_audit(of_company int, older_than timestamptz, most int) returns int
language plpgsql security definer as $$
declare
    removed int;
begin
    if older_than > now() - interval '1 day' and not exists (select from deleted_companies where id = of_company) then
        raise exception 'audit records are kept for a day at least' using errcode = 'insufficient_privilege';
    end if;
    perform set_config('app.audit_removal', 'on', true);
    delete from audit where (company_id, at, id) in (
        select company_id, at, id from audit
        where company_id = of_company and at < older_than order by at, id limit most
    );
    get diagnostics removed = row_count;
    perform set_config('app.audit_removal', 'off', true);
    return removed;
end
$$;
