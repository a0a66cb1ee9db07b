"""Apply log entries to ticket states and rollups."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from analytics_service.domain.state import Kind, apply_event
from analytics_service.store import states
from analytics_service.store.log import Entry, Key


def count_entries(session: Session, entries: Sequence[Entry]) -> set[Key]:
    """Apply entries in any order; return the keys of the tickets that they delete.

    Runs in the caller's transaction.
    """
    before = states.lock(session, {(entry.company_id, entry.ticket_id) for entry in entries})
    after = dict(before)
    for entry in entries:
        key = (entry.company_id, entry.ticket_id)
        after[key] = apply_event(after[key], entry.event)
    states.save(session, before, after)
    return {(entry.company_id, entry.ticket_id) for entry in entries if entry.event.kind is Kind.DELETED}
