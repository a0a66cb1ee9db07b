"""The kit's tables for SQLAlchemy queries. `kit_tables_1.sql` creates them; a test compares both."""

from sqlalchemy import TableClause, column, table


def _table(name: str, columns: str) -> TableClause:
    return table(name, *map(column, columns.split()))


outbox = _table(
    "outbox",
    "id company_id subject type revision body actor_kind request_id traceparent cause_id created_at available_at "
    "attempts last_error published_at seq",
)
inbox = _table("inbox", "queue event_id company_id subject type event_time received_at done_at")
parked = _table(
    "parked",
    "id queue event_id company_id subject type message_headers body attempts reason state next_attempt_at "
    "first_failed_at updated_at",
)
parked_actions = _table("parked_actions", "id company_id parked_id queue event_id action actor reason created_at")
tombstones = _table("tombstones", "company_id subject ended_at")
revisions = _table("revisions", "company_id queue source subject type revision")
idempotency_keys = _table(
    "idempotency_keys", "company_id key subject route request_hash status response headers created_at"
)
companies = _table("companies", "id added_at")

KIT_TABLES = (outbox, inbox, parked, parked_actions, tombstones, revisions, idempotency_keys, companies)
