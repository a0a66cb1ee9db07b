"""Deletes all rows of one company in a service's schema, in batches. The tables come from the database's catalogue."""

from collections.abc import Collection
from graphlib import TopologicalSorter

from service_kit.database.engine import Database
from sqlalchemy import TextClause, text

MAX_ROWS_PER_DELETE = 1_000

# A table from which the service may not delete goes with its parent's rows, by a cascading foreign key.
_TABLES = text("""
    select child.relname as name,
           coalesce(array_agg(parent.relname::text) filter (where parent.oid <> child.oid), '{}') as parents
    from pg_class child
    join pg_attribute on attrelid = child.oid and attname = 'company_id' and not attisdropped
    left join pg_constraint on conrelid = child.oid and contype = 'f'
    left join pg_class parent on parent.oid = confrelid
    where child.relnamespace = current_schema()::regnamespace and child.relkind in ('r', 'p')
        and has_table_privilege(child.oid, 'delete')
    group by child.relname
""")

_KEPT = {
    "tombstones": "subject = 'company:' || company_id",
    # Queues that are lost are refilled from the outbox: each service must learn of the deletion.
    "outbox": "type = 'company.deleted'",
}
"""The rows that stay: the company's own tombstone and the announcement of its end, until its retention is over."""


def delete_company_rows(database: Database, company_id: int, *, without: Collection[str] = ()) -> int:
    """Delete a company's rows from all tables but `without`; return their number. Each batch is a transaction."""
    deleted = 0
    for table in _tables(database, company_id, without):
        statement, rows = _delete(table), MAX_ROWS_PER_DELETE
        while rows == MAX_ROWS_PER_DELETE:
            with database.session(company_id) as session, session.begin():
                rows = session.execute(statement, {"company": company_id, "rows": MAX_ROWS_PER_DELETE}).rowcount  # type: ignore[attr-defined]
            deleted += rows
    return deleted


def _tables(database: Database, company_id: int, without: Collection[str]) -> list[str]:
    """Return the tables with `company_id`, those that refer to others before them."""
    with database.session(company_id) as session:
        parents = {row.name: row.parents for row in session.execute(_TABLES)}
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(parents, ()))
    for name, above in parents.items():
        for parent in above:
            order.add(parent, name)
    return [name for name in order.static_order() if name in parents and name not in without]


def _delete(table: str) -> TextClause:
    kept = f" and not ({_KEPT[table]})" if table in _KEPT else ""
    return text(
        f'delete from "{table}" where ctid = any(array('  # noqa: S608 - names from the catalogue, no input
        f'select ctid from "{table}" where company_id = :company{kept} limit :rows)) and company_id = :company'
    )
