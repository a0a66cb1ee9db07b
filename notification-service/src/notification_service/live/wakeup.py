"""Listens to the database, which notifies of transactions that stored changes, so that a quiet hub need not poll."""

import asyncio
from collections.abc import Callable

from service_kit.telemetry.logs import get_logger

from notification_service.live.hub import Hub
from notification_service.store.live_notifications import Listener, NotNotified

RETRY_SECONDS = 1.0
log = get_logger(__name__)


async def listen(connect: Callable[[], Listener], hub: Hub) -> None:
    """Notify the hub of stored changes until the task is cancelled; without a connection it polls.

    `connect` opens a connection; it may raise NotNotified.
    """
    while True:
        try:
            listener = await asyncio.to_thread(connect)
        except NotNotified as error:
            log.warning("the database can't be listened to", error=type(error.__cause__).__name__)
        else:
            try:
                await _follow(listener, hub)
            finally:
                listener.close()
        await asyncio.sleep(RETRY_SECONDS)


async def _follow(listener: Listener, hub: Hub) -> None:
    """Pass notifications on until the connection is lost."""
    loop = asyncio.get_running_loop()
    lost = asyncio.Event()

    def receive() -> None:
        try:
            if listener.receive():
                hub.notify()
        except NotNotified:
            lost.set()

    loop.add_reader(listener.descriptor, receive)
    hub.is_notified = True
    try:
        await lost.wait()
    finally:
        hub.is_notified = False
        loop.remove_reader(listener.descriptor)
