"""Mails that wait: the companies take turns, so that one with a flood of mails holds up nobody else's."""

from alembic import op
from service_kit.database.ddl import roles_of

revision = "0013"
down_revision = "0012"

QUERY = """
    with recursive waiting (company) as (
        (select m.company_id from {schema}.inbound_mails m where m.state = 'stored' order by m.company_id limit 1)
        union all
        select (
            select m.company_id from {schema}.inbound_mails m
            where m.state = 'stored' and m.company_id > w.company order by m.company_id limit 1
        )
        from waiting w where w.company is not null
    ), share (number) as (
        select (most + count(*) - 1) / greatest(count(*), 1) from waiting w where w.company is not null
    )
    select f.company_id, f.id, f.attempts
    from waiting w
    cross join lateral (
        select o.company_id, o.id, o.attempts, o.received_at, row_number() over (order by o.received_at, o.id) as place
        from (
            select m.company_id, m.id, m.attempts, m.received_at from {schema}.inbound_mails m
            where m.company_id = w.company and m.state = 'stored'
                and (m.claimed_until is null or m.claimed_until < now())
            order by m.received_at, m.id limit (select s.number from share s)
        ) o
    ) f
    where w.company is not null
    order by f.place, f.received_at, f.id limit most
"""


def upgrade() -> None:
    """Replace the index, which leads to each company's oldest mail, and the function that looks for mails.

    Processes of before call the function, too: a column more does not disturb them.
    """
    op.execute("drop index inbound_mails_waiting")
    op.execute(
        "create index inbound_mails_waiting on inbound_mails (company_id, received_at, id) where state = 'stored'"
    )
    schema = op.get_context().version_table_schema
    op.execute("drop function waiting_mails(int)")
    op.execute(
        "create function waiting_mails(most int) returns table (company_id int, mail_id bigint, attempts int)"
        " language plpgsql stable security definer set search_path = pg_catalog, pg_temp"
        f" as $$ begin return query {QUERY.format(schema=schema)}; end $$"
    )
    op.execute("revoke all on function waiting_mails from public")
    op.execute(f'grant execute on function waiting_mails to "{roles_of(op).app}"')
