"""The audit records of one service: added beside a change, listed for admins, removed after their time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from service_kit.database.engine import Database
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

INTERVAL_SECONDS = 3600.0
MAX_ROWS_PER_DELETE = 1_000
NEWEST = datetime(9999, 1, 1, tzinfo=UTC)
MAX_ID = 2**63 - 1

_ADD = text(
    "select add_audit(:company, :action, :record, :id, cast(:ticket as bigint), :owner, cast(:changes as jsonb))"
)
# Index: the primary key, audit_of_actor, audit_of_key, audit_of_ticket or audit_of_task.
_LIST = """
    select id, at, actor_kind, actor, actor_name, key_id, key_name, action, record, record_id, ticket_id, task_id,
        changes, ip, request_id
    from audit
    where company_id = :company and (at, id) < (:before_at, :before_id) and at >= :start and at < :stop {conditions}
    order by at desc, id desc limit :limit
"""
_CONDITIONS = {
    "ticket_id": "and ticket_id = :ticket_id",
    "task_id": "and task_id = :task_id",
    "actor": "and actor = :actor",
    "key_id": "and key_id = :key_id",
    "action": "and action = :action",
    "record": "and record = :record",
    "record_id": "and record_id = :record_id",
}
_REMOVE = text("select remove_audit(:company, :older_than, :rows)")


@dataclass(frozen=True)
class Filter:
    """Which records are asked for; None for all. `start` belongs to the time, `stop` doesn't."""

    ticket_id: int | None = None
    task_id: int | None = None
    actor: str | None = None
    key_id: str | None = None
    action: str | None = None
    record: str | None = None
    record_id: str | None = None
    start: datetime = datetime(1, 1, 1, tzinfo=UTC)
    stop: datetime = NEWEST


def add(
    session: Session,
    company_id: int,
    action: str,
    *,
    record: str,
    record_id: object,
    ticket_id: int | None = None,
    owner: int | None = None,
    changes: Sequence[dict[str, Any]] = (),
) -> None:
    """Record what leaves no changed row, or says more than it, in the caller's transaction.

    `owner` is the user whom the record belongs to: the actor where nobody is signed in.
    """
    values = {
        "company": company_id,
        "action": action,
        "record": record,
        "id": str(record_id),
        "ticket": ticket_id,
        "owner": "" if owner is None else str(owner),
        "changes": orjson.dumps(list(changes)).decode(),
    }
    session.execute(_ADD, values)


def page(
    session: Session, company_id: int, wanted: Filter, *, before: tuple[datetime, int] | None, limit: int
) -> Sequence[Row[Any]]:
    """Return up to `limit` records of a company that lie before a time and id, the newest first."""
    given = {name: value for name, value in vars(wanted).items() if name in _CONDITIONS and value is not None}
    query = text(_LIST.format(conditions=" ".join(_CONDITIONS[name] for name in given)))
    before_at, before_id = before or (NEWEST, MAX_ID)
    values = {"company": company_id, "before_at": before_at, "before_id": before_id, "limit": limit}
    return session.execute(query, values | given | {"start": wanted.start, "stop": wanted.stop}).all()


def remove(database: Database, company_id: int, older_than: datetime) -> int:
    """Remove a company's records of before a time, in short transactions; return their number."""
    removed, rows = 0, MAX_ROWS_PER_DELETE
    while rows == MAX_ROWS_PER_DELETE:
        with database.session(company_id) as session, session.begin():
            values = {"company": company_id, "older_than": older_than, "rows": MAX_ROWS_PER_DELETE}
            rows = session.execute(_REMOVE, values).scalar_one()
        removed += rows
    return removed


@dataclass
class AuditRetention:
    """Removes records that are older than the retention, company by company."""

    database: Database
    days: int
    _due: float = 0.0

    def run_when_due(self) -> None:
        """Run at most once an hour; the maintenance job calls it more often."""
        if time.monotonic() >= self._due:
            older_than = datetime.now(UTC) - timedelta(days=self.days)
            for company_id in self.database.companies():
                remove(self.database, company_id, older_than)
            self._due = time.monotonic() + INTERVAL_SECONDS
