"""The folded search text of tickets whose text isn't ASCII."""

from typing import Any

import sqlalchemy
from alembic import op

from ticket_service.domain.folding import search_text

revision = "0006"
down_revision = "0005"

BATCH = 500

# In UTF-8 only ASCII characters have one byte each.
NEXT = sqlalchemy.text("""
    select company_id, id, title, description from tickets
    where (company_id, id) > (:company_id, :id)
      and (octet_length(title) <> char_length(title) or octet_length(description) <> char_length(description))
    order by company_id, id
    limit :batch
""")
STORE = sqlalchemy.text("update tickets set search_text = :search_text where company_id = :company_id and id = :id")


def upgrade() -> None:
    """Add the column and fold what is there."""
    # Null where title and description are ASCII: the search folds these itself.
    op.execute("alter table tickets add column search_text text")
    fold_all(op.get_bind())


def fold_all(connection: sqlalchemy.Connection) -> None:
    """Fold the texts of all tickets that hold more than ASCII, in batches of one statement each."""
    # The owner sees the rows of all companies only while row-level security is not forced on it.
    connection.exec_driver_sql("alter table tickets no force row level security")
    last: dict[str, Any] = {"company_id": -1, "id": -1}
    while rows := connection.execute(NEXT, {**last, "batch": BATCH}).all():
        connection.execute(
            STORE,
            [
                {"company_id": row.company_id, "id": row.id, "search_text": search_text(row.title, row.description)}
                for row in rows
            ],
        )
        last = {"company_id": rows[-1].company_id, "id": rows[-1].id}
    connection.exec_driver_sql("alter table tickets force row level security")
