"""The function that counts the messages of all companies that wait for active webhooks."""

from alembic import op
from service_kit.database.ddl import roles_of

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create the function, which reads with the owner's rights and returns numbers alone.

    Index: webhook_deliveries_outstanding, which is never larger than the backlog.
    """
    schema = op.get_context().version_table_schema
    op.execute(f"""
        create function webhook_backlog() returns table (number bigint, oldest_seconds double precision)
        language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
        begin
            return query
                select count(*), coalesce(extract(epoch from now() - min(d.created_at)), 0)::double precision
                from {schema}.webhook_deliveries d
                join {schema}.webhooks w on w.company_id = d.company_id and w.id = d.webhook_id
                where d.state in ('waiting', 'pending', 'sending') and w.is_active
                    and not exists (select from {schema}.deleted_companies gone where gone.id = d.company_id);
        end
        $$
    """)  # noqa: S608 - the schema's name
    op.execute("revoke all on function webhook_backlog from public")
    op.execute(f'grant execute on function webhook_backlog to "{roles_of(op).app}"')
