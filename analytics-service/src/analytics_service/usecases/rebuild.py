"""Rebuild a company's figures from the log: they come out the same, without deleted tickets."""

from collections.abc import Callable

from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from analytics_service.store import log, rebuilds, states
from analytics_service.store.rebuilds import Rebuild
from analytics_service.usecases.count_entries import count_entries

COMPANIES_PER_BATCH = 500

logger = get_logger(__name__)


def request_rebuild(session: Session, company_id: int, idempotency_key: IdempotencyKey[Rebuild]) -> Rebuild:
    """Request a rebuild, which the worker does within seconds. Raises Replayed for a repeated Idempotency-Key."""
    with session.begin():
        idempotency_key.claim(session)
        requested = rebuilds.request(session, company_id)
        idempotency_key.store(session, requested)
    return requested


def requested_rebuilds(database: Database) -> Callable[[], None]:
    """Return the maintenance job: it does the rebuilds that were requested or that a crash interrupted."""

    def rebuild_requested() -> None:
        companies = database.companies()
        for start in range(0, len(companies), COMPANIES_PER_BATCH):
            with database.session(*companies[start : start + COMPANIES_PER_BATCH]) as session:
                unfinished = rebuilds.unfinished(session)
            for company_id, number in unfinished:
                counted = rebuild(database, company_id, number)
                logger.info("figures rebuilt", company_id=company_id, entries=counted)

    return rebuild_requested


def rebuild(database: Database, company_id: int, number: int) -> int:
    """Count a company's whole log again and return the number of its entries.

    It is one transaction: until its commit queries read the old figures, and new events wait. A crash leaves the old
    figures and an unfinished rebuild, which the next run of the maintenance job repeats.
    """
    counted = 0
    with database.session(company_id) as session, session.begin():
        states.clear(session, company_id)
        # The size is read under the lock, so no entry is added before the commit.
        total = log.size(session, company_id)
        for entries in log.chunks(session, company_id):
            count_entries(session, entries)
            counted += len(entries)
            progress = {"company": company_id, "done": counted, "total": total}
            database.execute_and_commit(company_id, rebuilds.PROGRESS_SQL, progress)
        # This update comes last, because the progress updates change the same row on another connection.
        rebuilds.finish(session, company_id, number, counted)
    return counted
