"""Digests: when each person wants one, when the next is due, and which notification the last one ended with."""

from alembic import op
from company_kit.ddl import audit_table
from service_kit.database.ddl import allow_lookup, roles_of

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns, and the function that finds due digests of all companies."""
    op.execute("""
        alter table preferences
            add column digest jsonb,
            add column digest_at timestamptz,
            add column digest_after bigint not null default 0,
            add check ((digest is null) = (digest_at is null))
    """)
    op.execute("create index preferences_digest_due on preferences (digest_at) where digest_at is not null")
    op.execute("drop function audit_preferences() cascade")
    shown = ["channels", "quiet_hours", "digest"]
    audit_table(op, "preferences", record="preferences", key="user_id", shown=shown)
    allow_lookup(op, "preferences")
    schema = op.get_context().version_table_schema
    # With the owner's rights, and company and person alone. Not sql: that is planned at each call.
    op.execute(f"""
        create function due_digests(most int) returns table (company_id int, user_id bigint)
        language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
        begin
            return query select p.company_id, p.user_id from {schema}.preferences p
                where p.digest_at <= now() order by p.digest_at limit most;
        end
        $$
    """)  # noqa: S608 - the schema's name
    op.execute("revoke all on function due_digests from public")
    op.execute(f'grant execute on function due_digests to "{roles_of(op).app}"')
