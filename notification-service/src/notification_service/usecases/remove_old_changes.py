"""Remove changes that no client can ask for any more."""

import time
from dataclasses import dataclass

from service_kit.database.engine import Database

from notification_service.store import live_events

INTERVAL_SECONDS = 300.0


@dataclass
class ChangeRetention:
    """Removes old changes and used tickets, company by company."""

    database: Database
    hours: int
    most: int
    """How many changes of a company are kept."""
    _due: float = 0.0

    def run_when_due(self) -> None:
        """Run at most once in five minutes; the maintenance job calls it more often."""
        if time.monotonic() >= self._due:
            for company_id in self.database.companies():
                self.remove(company_id)
            self._due = time.monotonic() + INTERVAL_SECONDS

    def remove(self, company_id: int) -> None:
        """Remove a company's old changes, in short transactions."""
        removed = live_events.MAX_ROWS_PER_DELETE
        while removed == live_events.MAX_ROWS_PER_DELETE:
            with self.database.session(company_id) as session, session.begin():
                removed = live_events.remove_old(session, company_id, hours=self.hours, most=self.most)
        with self.database.session(company_id) as session, session.begin():
            live_events.remove_used_tickets(session, company_id)
