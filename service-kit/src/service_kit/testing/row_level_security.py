"""Finds gaps in row-level security, for the tests of every service with a schema."""

from typing import Any

# A policy counts only if it applies to every role and command, and limits both reads and writes.
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

# A further permissive policy would widen access; only the relay's is allowed, and reading by the owner, which never
# logs in: functions that find a company run with its rights.
EXTRA_POLICIES = """
    select tablename || '.' || policyname
    from pg_policies
    where schemaname = %(schema)s and policyname <> 'own_companies'
      and not (policyname = 'relay' and tablename in ('outbox', 'inbox', 'parked', 'parked_actions')
               and cardinality(roles) = 1 and roles <> '{public}')
      and not (policyname = 'lookup' and cmd = 'SELECT'
               and roles = (select array[nspowner::regrole::name] from pg_namespace where nspname = %(schema)s))
    order by 1
"""


def unprotected_tables(cursor: Any, schema: str) -> list[str]:
    """Return the tables with `company_id` without complete row-level security, and unexpected policies."""
    gaps: list[str] = []
    for query in (UNPROTECTED, EXTRA_POLICIES):
        cursor.execute(query, {"schema": schema})
        gaps += [name for (name,) in cursor.fetchall()]
    return gaps
