"""Listens to the database, which notifies of transactions that stored changes, so that a quiet hub need not poll."""

import asyncio
from collections.abc import Callable

import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from service_kit.telemetry.logs import get_logger

from notification_service.live.hub import Hub

RETRY_SECONDS = 1.0
log = get_logger(__name__)


async def listen(connect: Callable[[], PsycopgConnection], hub: Hub) -> None:
    """Notify the hub of stored changes until the task is cancelled; without a connection it polls.

    `connect` opens a connection that listens, in autocommit; it may raise psycopg2's errors.
    """
    while True:
        try:
            connection = await asyncio.to_thread(connect)
        except psycopg2.Error as error:
            log.warning("the database can't be listened to", error=type(error).__name__)
        else:
            try:
                await _follow(connection, hub)
            finally:
                connection.close()
        await asyncio.sleep(RETRY_SECONDS)


async def _follow(connection: PsycopgConnection, hub: Hub) -> None:
    """Pass notifications on until the connection is lost."""
    loop = asyncio.get_running_loop()
    lost = asyncio.Event()

    def receive() -> None:
        try:
            connection.poll()
        except psycopg2.Error:
            lost.set()
            return
        if connection.notifies:
            connection.notifies.clear()
            hub.notify()

    descriptor = connection.fileno()  # a lost connection has none any more
    loop.add_reader(descriptor, receive)
    hub.is_notified = True
    try:
        await lost.wait()
    finally:
        hub.is_notified = False
        loop.remove_reader(descriptor)
