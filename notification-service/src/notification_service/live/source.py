"""The database, as the hub and the sockets use it: short transactions, made in threads."""

from collections.abc import Sequence

from service_kit.database.engine import Database

from notification_service.domain.changes import Viewer
from notification_service.store import live_events
from notification_service.store.live_events import Reading
from notification_service.store.live_notifications import Listener
from notification_service.usecases.announce_typing import announce_typing


class StoredChanges:
    """Implements `Source`; further calls are those of WebSockets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listen(self) -> Listener:
        """Open a connection that is notified of stored changes; the caller closes it. Raises NotNotified."""
        return Listener(self._database)

    def snapshot(self) -> str:
        """Return the snapshot of this moment."""
        with self._database.session() as session, session.begin():
            return live_events.current_snapshot(session)

    def read(self, companies: Sequence[int], before: str) -> Reading:
        """Return the companies' changes that a snapshot did not show; raise TooOld."""
        with self._database.session(*companies) as session, session.begin():
            return live_events.read(session, companies, before)

    def replay(self, company_id: int, mark: int) -> Reading:
        """Return a company's changes from a client's mark on; raise TooOld."""
        with self._database.session(company_id) as session, session.begin():
            return live_events.replay(session, company_id, mark)

    def use_ticket(self, company_id: int, ticket: str) -> bool:
        """Record that a ticket was used; return whether it was the first time."""
        with self._database.session(company_id) as session, session.begin():
            return live_events.use_ticket(session, company_id, ticket)

    def announce_typing(self, viewer: Viewer, ticket_id: int, *, typing: bool) -> None:
        """Announce that a person writes, or no longer does."""
        with self._database.session(viewer.company_id) as session:
            announce_typing(session, viewer, ticket_id, typing=typing)
