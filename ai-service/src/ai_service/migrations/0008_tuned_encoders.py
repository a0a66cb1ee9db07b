"""The encoders that were tuned for companies' models."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """
    create table tuned_encoders (
        company_id int not null,
        version text not null,
        encoder bytea not null,
        created_at timestamptz not null default clock_timestamp(),
        primary key (company_id, version)
    )
    """,
    # 23 MB of weights get no smaller, and trying takes a second.
    "alter table tuned_encoders alter column encoder set storage external",
)


def upgrade() -> None:
    """Create the table."""
    for statement in STATEMENTS:
        op.execute(statement)
    enable_rls(op, "tuned_encoders")
