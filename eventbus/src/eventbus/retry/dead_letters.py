"""Dead letters and waiting retries of one company, for its administrators: list, show, replay, discard."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Row, TextClause, text
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
_LOCK = text(f"{_SHOW.text} for update")

_AUDITED = """
    with acted as ({} where id = :id returning *)
    insert into parked_actions (company_id, parked_id, queue, event_id, action, actor, reason)
    select company_id, id, queue, event_id, :action, :actor, :reason from acted
"""
_REPLAY = text(
    _AUDITED.format(
        "update parked set state = 'waiting', attempts = 0, next_attempt_at = now(), updated_at = clock_timestamp()"
    )
)
_DISCARD = text(_AUDITED.format("delete from parked"))

MAX_ID = 2**63 - 1


def list_dead_letters(
    session: Session, *, queue: str | None = None, state: State | None = None, before: int = MAX_ID, limit: int = 25
) -> Sequence[Row[Any]]:
    """Return the company's parked events with ids below `before`, newest first."""
    return session.execute(_LIST, {"queue": queue, "state": state, "before": before, "limit": limit}).all()


def show(session: Session, parked_id: int, *, lock: bool = False) -> Row[Any] | None:
    """Return a parked event with its headers and body (bytes), None where the company has none with this id."""
    return session.execute(_LOCK if lock else _SHOW, {"id": parked_id}).one_or_none()


def replay(session: Session, parked_id: int, *, actor: str) -> bool:
    """Schedule a parked event for an immediate first attempt; return False where the company has none with this id.

    The event keeps its id, so that the inbox still deduplicates its effects. The caller commits.
    """
    return _act(session, _REPLAY, id=parked_id, action="replayed", actor=actor, reason="")


def discard(session: Session, parked_id: int, *, actor: str, reason: str) -> bool:
    """Delete a parked event and store the reason; return False where the company has none with this id.

    The caller commits.
    """
    return _act(session, _DISCARD, id=parked_id, action="discarded", actor=actor, reason=reason)


def _act(session: Session, statement: TextClause, **values: Any) -> bool:
    return bool(session.execute(statement, values).rowcount)  # type: ignore[attr-defined]
