"""Remove notifications, inbound mails and deliveries of webhooks that are older than their retention."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service_kit.database.engine import Database

from notification_service.store import inbound_mails, notifications, webhook_deliveries, webhooks

INTERVAL_SECONDS = 3600.0
MAX_MAILS_PER_DELETE = 100
"""A mail has up to 25 MB."""


@dataclass
class Retention:
    """Removes old notifications, inbound mails and deliveries of webhooks, company by company."""

    database: Database
    days: int
    mail_days: int
    webhook_days: int
    _due: float = 0.0

    def run_when_due(self) -> None:
        """Run at most once an hour; the maintenance job calls it more often."""
        if time.monotonic() >= self._due:
            now = datetime.now(UTC)
            for company_id in self.database.companies():
                self.remove(company_id, now - timedelta(days=self.days))
                self.remove_mails(company_id)
                self.remove_deliveries(company_id, now - timedelta(days=self.webhook_days))
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

    def remove_deliveries(self, company_id: int, before: datetime) -> None:
        """Remove a company's deliveries of before a time that have ended, and the secrets that don't sign any more."""
        removed = webhook_deliveries.MAX_ROWS_PER_DELETE
        while removed == webhook_deliveries.MAX_ROWS_PER_DELETE:
            with self.database.session(company_id) as session, session.begin():
                webhooks.remove_former_secrets(session, company_id)
                removed = webhook_deliveries.remove_old(session, company_id, before)
