"""Looks for holes in the walls between companies: for the tests of every service that has a schema."""

from typing import Any

# A policy counts only if it applies to everybody, to every command, and bounds both what is seen and what is written.
UNPROTECTED = """
    select relname
    from pg_class
    join pg_attribute on attrelid = pg_class.oid and attname = 'company_id' and not attisdropped
    where relnamespace = %(schema)s::regnamespace and relkind in ('r', 'p')
      and not (
          relrowsecurity and relforcerowsecurity and attnotnull
          and exists (
              select from pg_policies
              where schemaname = %(schema)s and tablename = relname and permissive = 'PERMISSIVE'
                and roles = '{public}' and cmd = 'ALL'
                and qual like '%%app.companies%%' and with_check like '%%app.companies%%'
          )
      )
    order by relname
"""

# Any further policy would open the wall to somebody; only the relay's own may.
OPENED = """
    select tablename || '.' || policyname
    from pg_policies
    where schemaname = %(schema)s and policyname <> 'own_companies'
      and not (policyname = 'relay' and tablename in ('outbox', 'inbox', 'parked', 'parked_actions')
               and cardinality(roles) = 1 and roles <> '{public}')
    order by 1
"""


def unprotected_tables(cursor: Any, schema: str) -> list[str]:
    """Return the tables with `company_id` that row-level security does not bind completely, and stray policies."""
    holes: list[str] = []
    for query in (UNPROTECTED, OPENED):
        cursor.execute(query, {"schema": schema})
        holes += [name for (name,) in cursor.fetchall()]
    return holes
