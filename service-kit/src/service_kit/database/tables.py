"""The kit's tables that services query by SQLAlchemy. `kit_tables_1.sql` creates them; a test compares both."""

from sqlalchemy import TableClause, column, table


def _table(name: str, columns: str) -> TableClause:
    return table(name, *map(column, columns.split()))


outbox = _table(
    "outbox",
    "id company_id subject type revision body actor_kind request_id traceparent cause_id created_at available_at "
    "attempts last_error published_at seq",
)
parked = _table(
    "parked",
    "id queue event_id company_id subject type message_headers body attempts reason state next_attempt_at "
    "first_failed_at updated_at",
)
tombstones = _table("tombstones", "company_id subject ended_at")
idempotency_keys = _table(
    "idempotency_keys", "company_id key subject route request_hash status response headers created_at"
)
