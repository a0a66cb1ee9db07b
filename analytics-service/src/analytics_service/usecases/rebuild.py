"""Make the figures again from the log: they come out the same, less what was deleted."""

from collections.abc import Callable

from service_kit.database.engine import Database
from service_kit.http.idempotency import Once
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from analytics_service.store import log, rebuilds, states
from analytics_service.store.rebuilds import Rebuild
from analytics_service.usecases.count_entries import count_entries

COMPANIES_AT_ONCE = 500

logger = get_logger(__name__)


def request_rebuild(session: Session, company: int, again: Once[Rebuild]) -> Rebuild:
    """Note that a company wants its figures rebuilt; the worker does it within seconds. Raises AnsweredBefore."""
    with session.begin():
        again.claim(session)
        requested = rebuilds.request(session, company)
        again.remember(session, requested)
    return requested


def upkeep(database: Database) -> Callable[[], None]:
    """Return what the worker does every few seconds: the rebuilds that were requested, or that a crash interrupted."""

    def rebuild_requested() -> None:
        companies = database.companies()
        for at in range(0, len(companies), COMPANIES_AT_ONCE):
            with database.session(*companies[at : at + COMPANIES_AT_ONCE]) as session:
                unfinished = rebuilds.unfinished(session)
            for company, number in unfinished:
                counted = rebuild(database, company, number)
                logger.info("figures rebuilt", company=company, entries=counted)

    return rebuild_requested


def rebuild(database: Database, company: int, number: int) -> int:
    """Count a company's whole log again and return the number of its entries.

    One transaction: until its commit everybody reads the old figures, and new events wait. A crash leaves the old
    figures and an unfinished rebuild, which the next upkeep begins again.
    """
    counted = 0
    with database.session(company) as session, session.begin():
        states.clear(session, company)
        # Counted under the lock: no entry is added until the commit.
        total = log.size(session, company)
        for entries in log.chunks(session, company):
            count_entries(session, entries)
            counted += len(entries)
            progress = {"company": company, "done": counted, "total": total}
            database.execute_and_commit(company, rebuilds.PROGRESS_SQL, progress)
        # Last: whoever reports progress updates the same row from another connection.
        rebuilds.finish(session, company, number, counted)
    return counted
