"""Notifications of the real database that something was stored, also after the connection was lost."""

import asyncio

from notification_service.domain.changes import of_ticket
from notification_service.live.hub import Hub
from notification_service.live.source import StoredChanges
from notification_service.live.wakeup import listen
from notification_service.store import live_events
from service_kit.database.engine import Database

from ..conftest import Rows

WAIT_SECONDS = 60


class Notified(Hub):
    """A hub that counts its notifications."""

    def __init__(self, source: StoredChanges) -> None:
        super().__init__(source, poll_seconds=0.01, silence_seconds=60)
        self.notified = asyncio.Event()
        self.number = 0

    def notify(self) -> None:
        self.number += 1
        self.notified.set()


def test_a_stored_change_is_notified_also_on_a_new_connection(database: Database, rows: Rows) -> None:
    def store() -> None:
        with database.session(1) as session, session.begin():
            live_events.add(session, [of_ticket(1, 42, None, "ticket.updated", 1)])

    async def until(is_notified: bool, hub: Hub) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while hub.is_notified != is_notified:
                await asyncio.sleep(0.01)

    async def scenario() -> None:
        source = StoredChanges(database)
        hub = Notified(source)
        listening = asyncio.ensure_future(listen(source.listen, hub))
        for _ in range(2):
            await until(True, hub)
            hub.notified.clear()
            before = hub.number
            await asyncio.to_thread(store)
            await asyncio.wait_for(hub.notified.wait(), WAIT_SECONDS)
            assert hub.number > before
            rows("select pg_terminate_backend(pid) from pg_stat_activity where query ~ 'listen live_changes'"
                 " and datname = current_database() and pid <> pg_backend_pid()")  # fmt: skip
            await until(False, hub)
        listening.cancel()

    asyncio.run(scenario())
