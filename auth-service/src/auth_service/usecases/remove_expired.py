"""Delete sessions, refresh tokens, invitations and guard counters that matter no longer."""

import time
from dataclasses import dataclass

from service_kit.database.engine import Database

from auth_service.store import expiry, guards

INTERVAL_SECONDS = 3600.0


@dataclass
class RemoveExpired:
    """Deletes what has expired, company by company."""

    database: Database
    _due: float = 0.0

    def run_when_due(self) -> None:
        """Run at most once an hour; the maintenance job calls it more often."""
        if time.monotonic() >= self._due:
            self.run()
            self._due = time.monotonic() + INTERVAL_SECONDS

    def run(self) -> None:
        """Delete the expired rows of all companies."""
        self._remove_guards()
        for company_id in self.database.companies():
            with self.database.session(company_id) as session, session.begin():
                expiry.remove(session, company_id)

    def _remove_guards(self) -> None:
        """Delete forgotten counters in short transactions: an attack on many names leaves a row for each."""
        removed = guards.BATCH
        while removed == guards.BATCH:
            with self.database.session() as session, session.begin():
                removed = guards.remove_forgotten(session)
