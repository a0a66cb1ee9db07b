"""Take a request for a new password. The answer is the same for everyone, known or not."""

import time
from dataclasses import dataclass
from uuid import uuid4

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause

from auth_service.domain.guard import GuardKeys
from auth_service.events import password_reset_requested
from auth_service.store import users
from auth_service.usecases.guard_tries import Guard

ANSWER_SECONDS = 0.1
"""Every answer takes this long, whatever was done for it: nobody can measure whether an address is known."""


@dataclass(frozen=True)
class ResetRequests:
    """Takes requests for new passwords, at most three an hour for each address."""

    database: Database
    guard: Guard
    guard_keys: GuardKeys

    def take(self, email_key: bytes, cause: Cause) -> None:
        """Publish `user.password.reset.requested` for an active user; for anybody else only wait as long.

        Raises HashingBusy where too many threads wait already.
        """
        counters = self.guard_keys.of_reset_request(email_key)
        with self.guard.bulkhead.slot():
            until = time.monotonic() + ANSWER_SECONDS
            if self.guard.count(counters).admitted:
                self.guard.fail(counters)  # every request counts
                self._publish(email_key, cause)
            time.sleep(max(0.0, until - time.monotonic()))

    def _publish(self, email_key: bytes, cause: Cause) -> None:
        with self.database.session() as session:
            place = users.find_company(session, email_key)
        if place is None:
            return
        company_id, user_id = place
        with self.database.session(company_id) as session, session.begin():
            user = users.find(session, company_id, user_id)
            if user is not None and user.is_active:
                outbox.add(session, password_reset_requested(user, uuid4(), cause))
