"""When everything of a company was last announced again."""

from alembic import op
from service_kit.database.ddl import enable_rls

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table. A company without a row has been announced since it was registered."""
    op.execute("create table announcements (company_id int primary key, announced_at timestamptz not null)")
    enable_rls(op, "announcements")
