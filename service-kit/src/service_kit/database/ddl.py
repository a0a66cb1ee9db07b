"""What a service's migrations call: the kit's own tables, and the wall around a table that belongs to companies."""

from pathlib import Path
from typing import Any, Protocol

from service_kit.database.roles import Roles

POLICY = "own_companies"
RELAY_POLICY = "relay"
RELAY_TABLES = ("outbox", "inbox", "parked", "parked_actions")
COMPANY_TABLES = (*RELAY_TABLES, "tombstones", "revisions", "idempotency_keys")

# nullif: after a commit the setting reads '' instead of NULL, and ''::int raises; without it no row matches.
_ALLOWED = "string_to_array(nullif(current_setting('app.companies', true), ''), ',')::int[]"
# Queries name their company, as every index does, and this is the wall beneath them. Written so that the planner does
# not take it for an index condition (`= any` counts as ten descents, and then whatever index begins with the company
# looks as good as the right one) nor believe that it leaves few rows (nearly all, it believes of `is not null`).
RLS_USING = f"array_position({_ALLOWED}, company_id) is not null"
RLS_CHECK = f"company_id = any({_ALLOWED})"


class Migration(Protocol):
    """The part of `alembic.op` used here."""

    def execute(self, sqltext: str, /) -> None:
        """Run one statement."""

    def get_context(self) -> Any:
        """Return the running migration's context."""


def roles_of(op: Migration) -> Roles:
    """Return the roles of the service being migrated, for a migration that grants something."""
    roles: Roles = op.get_context().config.attributes["roles"]
    return roles


def create_kit_tables(op: Migration) -> None:
    """Create outbox, inbox, parked, tombstones, revisions, idempotency_keys and companies, walls included."""
    op.execute(Path(__file__).with_name("kit_tables_1.sql").read_text(encoding="utf-8"))
    for table in COMPANY_TABLES:
        enable_rls(op, table)
    relay = roles_of(op).relay
    for table in RELAY_TABLES:
        op.execute(f'create policy {RELAY_POLICY} on {table} to "{relay}" using (true) with check (true)')
        op.execute(f'grant select, insert, update, delete on {table} to "{relay}"')


def enable_rls(op: Migration, table: str) -> None:
    """Let a table with `company_id` show and take only rows of the transaction's companies, from its owner too.

    Every table that has the column needs this in the migration that makes it; the app role's grants come by themselves.
    """
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy {POLICY} on {table} using ({RLS_USING}) with check ({RLS_CHECK})")
