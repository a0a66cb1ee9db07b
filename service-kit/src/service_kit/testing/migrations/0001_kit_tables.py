"""The kit's tables, and one of a service."""

from alembic import op

from service_kit.database import ddl

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    ddl.create_kit_tables(op)
    op.execute(
        "create table notes (id int generated always as identity primary key, company_id int not null, note text)"
    )
    ddl.enable_rls(op, "notes")
