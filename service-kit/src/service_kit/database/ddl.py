"""DDL for a service's migrations: the kit's tables, and row-level security for tables with `company_id`."""

from pathlib import Path
from typing import Any, Protocol

from service_kit.database.roles import Roles

POLICY = "own_companies"
RELAY_POLICY = "relay"
LOOKUP_POLICY = "lookup"
RELAY_TABLES = ("outbox", "inbox", "parked", "parked_actions")
COMPANY_TABLES = (*RELAY_TABLES, "tombstones", "revisions", "idempotency_keys")

# nullif: after a commit the setting reads '' instead of NULL, and ''::int raises; without it no row matches.
_ALLOWED = "string_to_array(nullif(current_setting('app.companies', true), ''), ',')::int[]"
# Queries and indexes name the company themselves; this policy is the second line of defence. The planner must not use
# it as an index condition: `= any` costs ten descents, so that any index on the company would seem as good as the right
# one. Nor may it expect few rows: it estimates `is not null` as nearly all rows.
RLS_USING = f"array_position({_ALLOWED}, company_id) is not null"
RLS_CHECK = f"company_id = any({_ALLOWED})"


class Migration(Protocol):
    """The part of `alembic.op` that this module uses."""

    def execute(self, sqltext: str, /) -> None:
        """Run one statement."""

    def get_context(self) -> Any:
        """Return the running migration's context."""


def roles_of(op: Migration) -> Roles:
    """Return the roles of the migrated service, for a migration with grants."""
    roles: Roles = op.get_context().config.attributes["roles"]
    return roles


def create_kit_tables(op: Migration) -> None:
    """Create outbox, inbox, parked, tombstones, revisions, idempotency_keys and companies with their policies."""
    op.execute(Path(__file__).with_name("kit_tables_1.sql").read_text(encoding="utf-8"))
    for table in COMPANY_TABLES:
        enable_rls(op, table)
    relay = roles_of(op).relay
    for table in RELAY_TABLES:
        op.execute(f'create policy {RELAY_POLICY} on {table} to "{relay}" using (true) with check (true)')
        op.execute(f'grant select, insert, update, delete on {table} to "{relay}"')


def enable_rls(op: Migration, table: str) -> None:
    """Enable row-level security: a transaction reads and writes only rows of its companies. It binds the owner too.

    Call it for every table with `company_id`, in the migration that creates the table. The app role's grants follow
    from default privileges.
    """
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy {POLICY} on {table} using ({RLS_USING}) with check ({RLS_CHECK})")


def allow_lookup(op: Migration, table: str) -> None:
    """Let the functions of `create_lookup` read the rows of all companies in a table with row-level security.

    The policy is the owner's, and no service logs in as the owner.
    """
    op.execute(f'create policy {LOOKUP_POLICY} on {table} for select to "{roles_of(op).owner}" using (true)')


def create_lookup(op: Migration, signature: str, query: str) -> None:
    """Create a function that finds the company of what is presented, such as a token's hash, before it is known.

    `signature` is that of a SQL function, `query` its body with qualified names. It runs with the owner's rights, and
    only the app's role may call it. It should return no more than the company and the row's id.
    """
    name = signature.partition("(")[0]
    op.execute(
        f"create function {signature} language sql stable security definer"
        f" set search_path = pg_catalog, pg_temp as $$ {query} $$"
    )
    op.execute(f"revoke all on function {name} from public")
    op.execute(f'grant execute on function {name} to "{roles_of(op).app}"')
