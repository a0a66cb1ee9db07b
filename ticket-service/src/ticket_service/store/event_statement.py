"""An event that is stored by the same statement as what it reports."""

from collections.abc import Mapping
from typing import Any

from eventbus.event import Event
from eventbus.publish import outbox
from service_kit.database.engine import Database

INSERT_TYPES = {f"event_{name}": sql_type for name, sql_type in outbox.TYPES.items() if name != "subject"}
"""The parameters of `insert_sql` with their SQL types."""


def insert_sql(source: str, *, subject: str, fields: Mapping[str, str]) -> str:
    """Return the INSERT for a use case that is one prepared statement: one event per row of the CTE `source`.

    `subject` is a SQL expression for the subject. `fields` maps body fields whose values the statement computes to SQL
    expressions, such as `{"thing_id": "thing.id"}`. `insert_parameters` gives all other values. Use the result with
    `execute_and_commit(…, writes_outbox=True)`.
    """
    head = " || ".join(
        f"""'{"," if index else "{"}"{name}":' || to_json({expression})::text"""
        for index, (name, expression) in enumerate(fields.items())
    )
    computed = {"subject": subject, "body": f"{head} || ',' || substr(:event_body, 2)"}
    values = ", ".join(computed.get(name, f":event_{name}") for name in outbox.TYPES)
    return f"insert into outbox ({outbox.COLUMNS}) select {values} from {source}"  # noqa: S608 - the use case's own SQL


def insert_parameters(database: Database, event: Event, later: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the parameters of `insert_sql`. Raises BadEvent.

    `later` gives an example value for every body field that the statement computes.
    """
    row = outbox.row(database.info[outbox.CONTRACTS], event, later)
    return {f"event_{name}": value for name, value in row.items() if name != "subject"}
