"""Dead letters and waiting retries of one company, for its administrators: list, show, replay, discard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

State = Literal["waiting", "dead"]

_COLUMNS = """
    id, queue, event_id, company_id, subject, type, state, attempts, reason,
    next_attempt_at, first_failed_at, updated_at
"""

_LIST = text(f"""
    select {_COLUMNS} from parked
    where (cast(:queue as text) is null or queue = :queue) and (cast(:state as text) is null or state = :state)
        and id < :before
    order by id desc limit :limit
""")  # noqa: S608

_SHOW = text(f"select {_COLUMNS}, message_headers, body from parked where id = :id")  # noqa: S608

_REPLAY = text("""
    update parked
    set state = 'waiting', attempts = 0, next_attempt_at = now(), updated_at = clock_timestamp()
    where id = :id
    returning company_id, id, queue, event_id
""")

_DISCARD = text("delete from parked where id = :id returning company_id, id, queue, event_id")

_AUDIT = text("""
    insert into parked_actions (company_id, parked_id, queue, event_id, action, actor, reason)
    values (:company_id, :parked_id, :queue, :event_id, :action, :actor, :reason)
""")

MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class DeadLetter:
    """A parked event. `message_headers` and `body` are None in lists."""

    id: int
    queue: str
    event_id: str
    company_id: int
    subject: str
    type: str
    state: State
    attempts: int
    reason: str
    next_attempt_at: datetime | None
    first_failed_at: datetime
    updated_at: datetime
    message_headers: dict[str, str] | None = None
    body: str | None = None


def list_dead_letters(
    session: Session, *, queue: str | None = None, state: State | None = None, before: int = MAX_ID, limit: int = 25
) -> Sequence[DeadLetter]:
    """Return the company's parked events with ids below `before`, newest first."""
    rows = session.execute(_LIST, {"queue": queue, "state": state, "before": before, "limit": limit})
    return [DeadLetter(**row._asdict()) for row in rows]


def show(session: Session, parked_id: int) -> DeadLetter | None:
    """Return a parked event with its headers and body, None where the company has none with this id."""
    row = session.execute(_SHOW, {"id": parked_id}).one_or_none()
    if row is None:
        return None
    return DeadLetter(**row._asdict() | {"body": bytes(row.body).decode(errors="replace")})


def replay(session: Session, parked_id: int, *, actor: str) -> bool:
    """Schedule a parked event for an immediate first attempt; return False where the company has none with this id.

    The event keeps its id, so that the inbox still deduplicates its effects. The caller commits.
    """
    return _act(session, _REPLAY, parked_id, "replayed", actor, "")


def discard(session: Session, parked_id: int, *, actor: str, reason: str) -> bool:
    """Delete a parked event and store the reason; return False where the company has none with this id.

    The caller commits.
    """
    return _act(session, _DISCARD, parked_id, "discarded", actor, reason)


def _act(session: Session, statement: Any, parked_id: int, action: str, actor: str, reason: str) -> bool:
    row = session.execute(statement, {"id": parked_id}).one_or_none()
    if row is None:
        return False
    session.execute(
        _AUDIT,
        {
            "company_id": row.company_id,
            "parked_id": row.id,
            "queue": row.queue,
            "event_id": row.event_id,
            "action": action,
            "actor": actor,
            "reason": reason,
        },
    )
    return True
