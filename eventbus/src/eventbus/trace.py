"""Traces one subject through this service: events published, consumed, parked and dead."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

MAX_HOPS = 1_000

# Indexes: outbox_subject, inbox_subject, parked_subject.
_READ = text(f"""
    select * from (
        select 'published' as step, '' as queue, id::text as event_id, type, created_at as event_time,
               created_at as begun_at, published_at as done_at, attempts, cause_id, request_id,
               case when published_at is null then coalesce(last_error, 'waits for the relay') else '' end as reason
        from outbox where subject = :subject
        union all
        select 'consumed', queue, event_id::text, type, event_time, received_at, done_at, 1, '', '', ''
        from inbox where subject = :subject
        union all
        select case state when 'dead' then 'dead' else 'parked' end, queue, event_id, type, first_failed_at,
               first_failed_at, null, attempts, '', '', reason
        from parked where subject = :subject
    ) hops
    order by begun_at limit {MAX_HOPS}
""")  # noqa: S608


def read(session: Session, subject: str) -> Sequence[Row[Any]]:
    """Return the subject's hops in this service by time, limited to the session's companies.

    `event_time` is the time of the event, `begun_at` the begin of this step (stored, received, first failed), `done_at`
    its end (confirmed, committed) or None. For a consumed event, `begun_at - event_time` is its transport time.
    """
    return session.execute(_READ, {"subject": subject}).all()
