"""A service's tables: desks with their drawers, an append-only log of each desk, and papers in drawers."""

from alembic import op
from service_kit.database.ddl import create_kit_tables, enable_rls, roles_of

from company_kit.ddl import audit_table, create_audit, create_deleted_companies

revision = "0001"
down_revision = None

STATEMENTS = (
    "create table desks (company_id int not null, id int not null, note text, primary key (company_id, id))",
    # Without a cascade: drawers have to go before their desks, papers before their drawers.
    """
    create table a_drawers (
        company_id int not null, id int not null, desk int not null, primary key (company_id, id),
        foreign key (company_id, desk) references desks
    )
    """,
    """
    create table papers (
        company_id int not null, id int generated always as identity primary key, drawer int not null,
        foreign key (company_id, drawer) references a_drawers
    )
    """,
    """
    create table desk_log (
        company_id int not null, id int generated always as identity primary key, desk int not null,
        foreign key (company_id, desk) references desks on delete cascade
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    create_kit_tables(op)
    create_deleted_companies(op)
    create_audit(op)
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("desks", "a_drawers", "papers", "desk_log"):
        enable_rls(op, table)
    audit_table(op, "desks", record="desk", key="id", shown=["id"], lengths=["note"])
    op.execute(f'revoke update, delete on desk_log from "{roles_of(op).app}"')
