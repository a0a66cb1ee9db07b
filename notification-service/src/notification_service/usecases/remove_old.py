"""Remove notifications and inbound mails that are older than their retention."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service_kit.database.engine import Database

from notification_service.store import inbound_mails, notifications

INTERVAL_SECONDS = 3600.0
MAX_MAILS_PER_DELETE = 100
"""A mail has up to 25 MB."""


@dataclass
class Retention:
    """Removes old notifications and inbound mails, company by company."""

    database: Database
    days: int
    mail_days: int
    _due: float = 0.0

    def run_when_due(self) -> None:
        """Run at most once an hour; the maintenance job calls it more often."""
        if time.monotonic() >= self._due:
            before = datetime.now(UTC) - timedelta(days=self.days)
            for company_id in self.database.companies():
                self.remove(company_id, before)
                self.remove_mails(company_id)
            self._due = time.monotonic() + INTERVAL_SECONDS

    def remove(self, company_id: int, before: datetime) -> None:
        """Remove a company's notifications of before a time, in short transactions."""
        removed = notifications.MAX_ROWS_PER_DELETE
        while removed == notifications.MAX_ROWS_PER_DELETE:
            with self.database.session(company_id) as session, session.begin():
                removed = notifications.remove_old(session, company_id, before)

    def remove_mails(self, company_id: int) -> None:
        """Remove a company's inbound mails of before the retention, in short transactions."""
        removed = MAX_MAILS_PER_DELETE
        while removed == MAX_MAILS_PER_DELETE:
            with self.database.session(company_id) as session, session.begin():
                removed = inbound_mails.remove_old(session, company_id, self.mail_days, MAX_MAILS_PER_DELETE)
