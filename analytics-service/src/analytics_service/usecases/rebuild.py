"""Make the figures again from the log: they come out the same, less what was deleted."""

from sqlalchemy.orm import Session

from analytics_service.store import log, states
from analytics_service.usecases.count_entries import count_entries


def rebuild(session: Session, company: int) -> int:
    """Count a company's whole log again and return the number of its entries.

    One transaction: until its commit everybody reads the old figures, and new events wait.
    """
    counted = 0
    with session.begin():
        states.clear(session, company)
        for entries in log.chunks(session, company):
            count_entries(session, entries)
            counted += len(entries)
    return counted
