"""The companies that have webhooks: the events of others aren't taken at all."""

import time
from dataclasses import dataclass
from threading import Lock

from service_kit.database.engine import Database

from notification_service.store import webhooks


@dataclass
class WebhookCompanies:
    """Remembers which companies have active webhooks; threads share it."""

    database: Database

    def __post_init__(self) -> None:
        """Begin without knowledge."""
        self._lock, self._known_at, self._companies = Lock(), -1.0, frozenset[int]()

    def has_webhooks(self, company_id: int, received_at: float) -> bool:
        """Return whether a company has active webhooks, by what is known since an event was received."""
        with self._lock:
            if self._known_at < received_at:
                known_at = time.monotonic()
                with self.database.session() as session:
                    self._companies = webhooks.companies(session)
                self._known_at = known_at
            return company_id in self._companies
