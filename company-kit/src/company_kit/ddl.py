"""DDL of this kit for a service's migrations."""

from collections.abc import Sequence
from pathlib import Path

from service_kit.database.ddl import Migration, enable_rls, roles_of

_TRIGGER = """
    create function audit_{table}() returns trigger language plpgsql as $audit$
    declare
        changed jsonb;
    begin
        select coalesce(jsonb_agg(jsonb_build_object('field', field, 'old', before, 'new', after)), '[]') || {details}
        into changed
        from (values {fields}) as each_field (field, differs, before, after)
        where differs;
        if tg_op <> 'UPDATE' or changed <> '[]' then
            perform add_audit(
                coalesce(new.company_id, old.company_id),
                '{record}.' || case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'updated' else 'deleted' end,
                '{record}', coalesce(new.{key}, old.{key})::text, {ticket}, {owner}, changed
            );
        end if;
        return null;
    end
    $audit$
"""


def create_deleted_companies(op: Migration) -> None:
    """Create the table of tombstones of companies."""
    op.execute(_text("deleted_companies.sql"))


def create_audit(op: Migration) -> None:
    """Create the audit table, append-only, with the functions that add to it and remove from it."""
    op.execute(_text("audit.sql"))
    record_api_keys(op)
    enable_rls(op, "audit")
    roles, schema = roles_of(op), op.get_context().version_table_schema
    op.execute(f'revoke update, delete on audit from "{roles.app}"')
    op.execute(f"alter function remove_audit set search_path = {schema}, pg_temp")
    op.execute("revoke all on function remove_audit from public")
    op.execute(f'grant execute on function remove_audit to "{roles.app}"')


def record_api_keys(op: Migration) -> None:
    """Let the audit record which API key acted. A service whose audit is younger has that already."""
    op.execute(_text("audit_keys.sql"))


def audit_table(
    op: Migration,
    table: str,
    *,
    record: str,
    key: str,
    shown: Sequence[str] = (),
    lengths: Sequence[str] = (),
    secrets: Sequence[str] = (),
    ticket: str | None = None,
    owner: str | None = None,
    details: str = "'[]'::jsonb",
    at_commit: bool = False,
) -> None:
    """Record each change of a row that somebody makes through the API; changes by events have no actor and are not.

    `record` is the row's kind, `key` the column of its id. Only the named columns are recorded: `shown` with their
    values, `lengths` (texts, names, addresses) with the number of characters, `secrets` by whether they are set. An
    update of other columns alone is not recorded. `ticket` is the column of the ticket's id, `owner` that of the user
    who acts where nobody is signed in. `details` is an SQL expression of `old` and `new` with further changes, a JSON
    list of `{field, old, new}`; with `at_commit` it sees the rows of other tables as the transaction leaves them.
    """
    fields = [
        *(_field(name, "to_jsonb({0})") for name in shown),
        *(_field(name, "case when {0} is not null then jsonb_build_object('length', length({0}::text)) end")
          for name in lengths),
        *(_field(name, "case when {0} is not null then to_jsonb('set'::text) end") for name in secrets),
    ]  # fmt: skip
    values = {
        "ticket": f"coalesce(new.{ticket}, old.{ticket})" if ticket else "null",
        "owner": f"coalesce(new.{owner}, old.{owner})::text" if owner else "''",
        "details": details,
    }
    kind, time = ("constraint trigger", "deferrable initially deferred") if at_commit else ("trigger", "")
    op.execute(_TRIGGER.format(table=table, record=record, key=key, fields=", ".join(fields), **values))
    op.execute(
        f"create {kind} audit after insert or update or delete on {table} {time} for each row"
        f" when (current_setting('app.actor', true) <> '') execute function audit_{table}()"
    )


def _field(name: str, value: str) -> str:
    old, new = value.format(f"old.{name}"), value.format(f"new.{name}")
    # json can't be compared, its text can.
    return f"('{name}', old.{name}::text is distinct from new.{name}::text, {old}, {new})"


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
