"""Announce companies again, with their teams and people.

A queue that is new is refilled from the outbox, which keeps events for seven days. So everything of a company is
announced again before its last event is gone: a service that is added later, or begins again, knows everybody.
An announcement is the present state with its revision: a service that has that one already changes nothing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from eventbus.event import Event
from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.company import CompanyNotFound
from auth_service.domain.team import Team
from auth_service.domain.user import User
from auth_service.events import company_updated, user_updated
from auth_service.store import announcements, teams, users
from auth_service.usecases.change_companies import lock_company
from auth_service.usecases.team_events import updated_teams

INTERVAL_SECONDS = 600.0
PAGE_ROWS = 500

Row = TypeVar("Row", Team, User)


@dataclass
class Announcements:
    """Announces companies; `days` is the age that a company's last announcement may have."""

    database: Database
    days: int
    _due: float = 0.0

    def run_when_due(self) -> None:
        """Run at most every ten minutes; the maintenance job calls it more often."""
        if time.monotonic() >= self._due:
            self.run()
            self._due = time.monotonic() + INTERVAL_SECONDS

    def run(self) -> None:
        """Announce the companies whose last announcement is too old."""
        ids = self.database.companies()
        for first in range(0, len(ids), PAGE_ROWS):
            with self.database.session(*ids[first : first + PAGE_ROWS]) as session:
                found = announcements.due(session, self.days)
            for company_id in found:
                announce_company(self.database, company_id)


def announce_company(database: Database, company_id: int) -> int:
    """Announce a company, its teams and its people, in short transactions; return how many people it has.

    A process that is killed meanwhile leaves the company due, so that all of it is announced again. A company that is
    deleted meanwhile is announced no further.
    """
    cause = Cause(uuid4().hex)
    try:
        with database.session(company_id) as session, session.begin():
            outbox.add(session, company_updated(lock_company(session, company_id, cause), cause))
        _pages(database, company_id, cause, teams.page, updated_teams)
        people = _pages(database, company_id, cause, users.page, _updated_users)
        with database.session(company_id) as session, session.begin():
            lock_company(session, company_id, cause)
            announcements.mark(session, company_id)
    except CompanyNotFound:
        return 0
    return people


def _updated_users(_session: Session, found: Sequence[User], cause: Cause) -> list[Event]:
    return [user_updated(user, cause) for user in found]


def _pages(
    database: Database,
    company_id: int,
    cause: Cause,
    page: Callable[..., Sequence[Row]],
    events_of: Callable[[Session, Sequence[Row], Cause], list[Event]],
) -> int:
    announced, after = 0, 0
    while True:
        with database.session(company_id) as session, session.begin():
            # Locked, so that no deletion is published before the state that it ends.
            lock_company(session, company_id, cause)
            rows = page(session, company_id, after=after, limit=PAGE_ROWS)
            outbox.add_all(session, events_of(session, rows, cause))
        announced += len(rows)
        if len(rows) < PAGE_ROWS:
            return announced
        after = rows[-1].id
