"""A replica of another service's rows: a table that keeps the newest state that events have reported."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from eventbus.consumer import Consumer, View
from eventbus.subscription import Delivery

ACTIVE = "is_active"


def replica_consumer(
    table: str,
    *,
    view: type[View],
    event_types: Collection[str],
    queue: str,
    key: str | None = None,
    deleted_column: str | None = None,
) -> Consumer[View, object]:
    """Return the consumer that copies the fields of `view` into the columns of the same names.

    A row is identified by `company_id` and the column `key` (`company_id` alone without one). It has the column
    `revision`: the highest revision wins whatever the order of arrival, because all `event_types` of a row share one
    series of revisions. After an event whose type ends in `.deleted` the row stays, so that a late event can't restore
    it: then `deleted_column` is true, or `is_active` is false where no such column is named.
    """
    names = [field.name for field in fields(view)]  # type: ignore[arg-type]
    statement = text(_upsert(table, key, [*names, *([deleted_column] if deleted_column else [])]))

    def apply(session: Session, deliveries: Sequence[Delivery[View]], _deps: object) -> None:
        rows = [_row(delivery, names, deleted_column) for delivery in deliveries]
        session.execute(statement, {"rows": orjson.dumps(rows).decode()})

    return Consumer(event_types, view=view, apply=apply, queue=queue)


def _upsert(table: str, key: str | None, names: Sequence[str]) -> str:
    keys = ["company_id", *([key] if key else [])]
    columns = ["company_id", *names, "revision"]
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    # In the order of the keys, so that two batches that share rows wait for each other and don't deadlock.
    return f"""
        insert into {table} as stored ({", ".join(columns)})
        select distinct on ({", ".join(keys)}) {", ".join(columns)}
        from json_populate_recordset(cast(null as {table}), cast(:rows as json))
        order by {", ".join(keys)}, revision desc
        on conflict ({", ".join(keys)}) do update set {changes}
        where stored.revision < excluded.revision
    """  # noqa: S608 - names from the code, no input


def _row(delivery: Delivery[Any], names: Sequence[str], deleted_column: str | None) -> dict[str, Any]:
    envelope = delivery.envelope
    row = {name: getattr(delivery.body, name) for name in names}
    deleted = envelope.type.endswith(".deleted")
    if deleted_column is not None:
        row[deleted_column] = deleted
    elif deleted:
        row[ACTIVE] = False
    return {**row, "company_id": envelope.company_id, "revision": envelope.revision}
