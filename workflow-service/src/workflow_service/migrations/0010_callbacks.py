"""A partner's callback names a request, and its company follows from that."""

from alembic import op
from service_kit.database.ddl import create_lookup

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the function that finds the company of a request."""
    schema = op.get_context().version_table_schema
    create_lookup(
        op,
        "find_external_request(request_id bigint) returns table (company_id int)",
        f"select r.company_id from {schema}.external_requests r where r.id = request_id",  # noqa: S608 - the schema's name
    )
    # The primary key begins with the company, which is what is asked for.
    op.execute("create index external_requests_by_id on external_requests (id)")
