"""Who deleted which company, in a table that outlives the company."""

from alembic import op
from service_kit.database.ddl import roles_of

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table. The service may add and read rows; nobody changes one."""
    # The company is `id`, as in deleted_companies: rows with a company_id are removed with the company.
    op.execute(
        """
        create table company_deletions (
            id int primary key,
            deleted_at timestamptz not null default clock_timestamp(),
            actor_kind text not null,
            actor text not null,
            key_id text not null,
            origin text not null,
            request_id text not null
        )
        """
    )
    op.execute(f'revoke update, delete on company_deletions from "{roles_of(op).app}"')
