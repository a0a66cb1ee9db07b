"""The maintenance job that removes everything of deleted companies.

Marking a company as deleted is one row in one transaction; everything else follows from it and can be repeated. So a
process that is killed, or a storage that is down, only delays the removal.
"""

from collections.abc import Callable, Collection
from datetime import timedelta

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from company_kit import audit, deletions
from company_kit.company_rows import delete_company_rows

LATE = timedelta(minutes=30)
"""How long something may still write for a deleted company: a request with a token that is valid yet, a batch that was
under way, a file that is being read. Until then the removal is repeated."""

log = get_logger(__name__)


class CompanyRemoval:
    """Removes the companies that are marked as deleted in one service."""

    def __init__(
        self,
        database: Database,
        *,
        remove_outside: Callable[[int], object] = lambda _company_id: None,
        needed_to_the_end: Collection[str] = (),
        late: timedelta = LATE,
    ) -> None:
        """`remove_outside` removes what a company has outside the database; it may raise and is then repeated.

        `needed_to_the_end` names tables whose rows go last, after `late`, because something still depends on them.
        """
        self._database = database
        self._remove_outside = remove_outside
        self._needed_to_the_end = needed_to_the_end
        self._late = late

    def run(self) -> None:
        """Remove what is there of each deleted company; end the removal of those for which nothing writes any more.

        A failure with one company doesn't keep the others' rows; the first one is raised at the end.
        """
        with self._database.session() as session:
            pending = deletions.pending(session, self._late)
        failures: list[Exception] = []
        for company_id, is_last in pending:
            try:
                self._remove(company_id, is_last=is_last)
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def _remove(self, company_id: int, *, is_last: bool) -> None:
        # Rows name what lies outside, so they go afterwards.
        self._remove_outside(company_id)
        without = () if is_last else self._needed_to_the_end
        rows = delete_company_rows(self._database, company_id, without=without)
        rows += audit.remove(self._database, company_id, audit.NEWEST)
        if rows:
            log.info("company's rows removed", company_id=company_id, rows=rows)
        if is_last:
            with self._database.session(company_id) as session, session.begin():
                deletions.finish(session, company_id)
            log.info("company removed", company_id=company_id)
