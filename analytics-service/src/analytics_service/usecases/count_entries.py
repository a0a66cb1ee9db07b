"""Bring states and counts up to date with what the log says."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from analytics_service.domain.state import Kind, take
from analytics_service.store import states
from analytics_service.store.log import Entry, Key


def count_entries(session: Session, entries: Sequence[Entry]) -> set[Key]:
    """Take entries into account, in any order; return the tickets that they say are gone.

    Runs in the caller's transaction.
    """
    before = states.lock(session, {(entry.company_id, entry.ticket_id) for entry in entries})
    after = dict(before)
    for entry in entries:
        key = (entry.company_id, entry.ticket_id)
        after[key] = take(after[key], entry.fact)
    states.save(session, before, after)
    return {(entry.company_id, entry.ticket_id) for entry in entries if entry.fact.kind is Kind.DELETED}
