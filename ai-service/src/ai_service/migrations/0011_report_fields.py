"""The fields of stored reports and metrics get the names that the API uses."""

import json
from typing import Any

import sqlalchemy
from alembic import op

revision = "0011"
down_revision = "0010"

BATCH = 100

NAMES = {
    "believed": "accepted",
    "first_day": "zero_shot",
    "said_then": "recorded",
    "said_then_by_people": "recorded_by_people",
    "learnt_from": "trained_on",
    "learning_cpu_seconds": "training_cpu_seconds",
    "judging_cpu_seconds": "classifying_cpu_seconds",
}
BY_LABEL = {"recall", "support", "confusion"}
"""Their keys are labels, which a company names."""

TABLES: tuple[tuple[str, str, str, int | str], ...] = (
    ("evaluations", "id", "report", -1),
    ("training_runs", "id", "report", -1),
    ("models", "version", "evaluation", ""),
)
"""Each with the second column of its order, the column that is rewritten, and a value before the first row's."""


def upgrade() -> None:
    """Rename the fields in every stored report."""
    rename_all(op.get_bind())


def rename_all(connection: sqlalchemy.Connection) -> None:
    """Rename the fields in the reports of all companies, in batches of one statement each."""
    for table, key, column, first in TABLES:
        # The owner sees the rows of all companies only while row-level security is not forced on it.
        connection.exec_driver_sql(f"alter table {table} no force row level security")
        _rename(connection, table, key, column, first)
        connection.exec_driver_sql(f"alter table {table} force row level security")


def _rename(connection: sqlalchemy.Connection, table: str, key: str, column: str, first: int | str) -> None:
    # ruff: noqa: S608 - only the names in TABLES are put together here.
    following = sqlalchemy.text(f"""
        select company_id, {key} as key, {column}::text as old from {table}
        where (company_id, {key}) > (:company_id, :key) and {column} is not null
        order by company_id, {key}
        limit :batch
    """)
    store = sqlalchemy.text(
        f"update {table} set {column} = cast(:new as jsonb) where company_id = :company_id and {key} = :key"
    )
    last: dict[str, Any] = {"company_id": -1, "key": first}
    while rows := connection.execute(following, {**last, "batch": BATCH}).all():
        connection.execute(
            store,
            [
                {"company_id": row.company_id, "key": row.key, "new": json.dumps(renamed(json.loads(row.old)))}
                for row in rows
            ],
        )
        last = {"company_id": rows[-1].company_id, "key": rows[-1].key}


def renamed(value: Any) -> Any:
    """Return a report or a part of one with the new names, at every depth."""
    if isinstance(value, list):
        return [renamed(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {NAMES.get(name, name): within if name in BY_LABEL else renamed(within) for name, within in value.items()}
