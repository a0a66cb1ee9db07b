"""Serves the ASGI application until a flag is set: in a thread of the worker, or as a process of its own."""

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event as Flag

import uvicorn
from http_server.server import BACKLOG, new_event_loop
from service_kit.database.engine import Database
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import Metrics

from notification_service.adapters.ticket_presence import TICKETS, HttpTicketPresence
from notification_service.live.app import Limits, LiveApp
from notification_service.live.callers import Callers
from notification_service.live.hub import Hub
from notification_service.live.source import StoredChanges
from notification_service.live.wakeup import listen as listen_to_database
from notification_service.settings import NAME, SCHEMA, Settings

MAX_FRAME_BYTES = 4096
CONNECTIONS = 4
"""To the database; each is held for a moment."""
PING_SHARE = 2 / 3
"""The share of the allowed silence after which a client is pinged; the rest is for its answer."""
STOP_PERIOD_SECONDS = 0.1
DRAIN_SECONDS = 3.0
"""How long clients get to leave after the goodbye."""
BIND_PAUSE_SECONDS = 1.0
PRESENCE_SECONDS = 2.0
"""How long ticket-service may take to renew a presence, which the next frame renews again."""
log = get_logger(__name__)


def run_live(settings: Settings, metrics: Metrics, stop: Flag) -> None:
    """Serve until `stop` is set. Where the port is taken, wait for it."""
    waiting = False
    while not stop.is_set():
        try:
            listener = listen(settings.host, settings.live_port, settings.live_silence_seconds)
        except OSError as error:
            if not waiting:
                log.warning("real time can't listen", port=settings.live_port, error=error.strerror)
            waiting = True
            stop.wait(BIND_PAUSE_SECONDS)
            continue
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(settings, metrics, listener, stop.is_set))
        return


def listen(host: str, port: int, silence_seconds: float) -> socket.socket:
    """Open the listening socket. Its connections end where the other side acknowledges nothing for so long."""
    listener = socket.create_server((host, port), backlog=BACKLOG)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(silence_seconds * 1000))
    return listener


async def _serve(settings: Settings, metrics: Metrics, listener: socket.socket, stopping: Callable[[], bool]) -> None:
    # A call waits for a thread here, which takes as long as it takes, rather than two seconds for a connection.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="live"))
    database = _database(settings)
    source = StoredChanges(database)
    hub = Hub(source, poll_seconds=settings.live_poll_ms / 1000, silence_seconds=settings.live_silence_seconds)
    limits = Limits(settings.live_queue, settings.live_frames_per_second, settings.live_heartbeat_seconds)
    app = LiveApp(hub, source, Callers(NAME, settings.trusted_keys), _presence(settings), metrics, limits)
    server = uvicorn.Server(_config(app, settings))
    polling = asyncio.ensure_future(hub.run())
    listening = asyncio.ensure_future(listen_to_database(source.listen, hub))
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        while not stopping() and not serving.done() and not polling.done():
            await asyncio.sleep(STOP_PERIOD_SECONDS)
        await _drain(hub)
        server.should_exit = True
        await serving
        if polling.done():
            polling.result()
    finally:
        for task in (polling, listening):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        app.close()
        database.dispose()


def _database(settings: Settings) -> Database:
    return Database(
        settings.database_url,
        schema=SCHEMA,
        relay_url=settings.relay_database_url,
        pool_size=CONNECTIONS,
        statement_timeout_ms=settings.statement_timeout_ms,
        application_name=f"{NAME} live",
    )


def _presence(settings: Settings) -> HttpTicketPresence:
    client = ServiceClient(TICKETS, settings.ticket_service_url, deadline_seconds=PRESENCE_SECONDS)
    return HttpTicketPresence(client, TokenSigner(NAME, settings.signing_key), NAME)


async def _drain(hub: Hub) -> None:
    """Say goodbye to everybody and give them time to leave."""
    hub.draining = True
    hub.end("restarting")
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DRAIN_SECONDS
    while len(hub) and loop.time() < deadline:
        await asyncio.sleep(STOP_PERIOD_SECONDS)


def _config(app: LiveApp, settings: Settings) -> uvicorn.Config:
    """Return the server's configuration: no compression, which costs memory, and no log of addresses."""
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES,
        ws_ping_interval=settings.live_silence_seconds * PING_SHARE,
        ws_ping_timeout=max(settings.live_silence_seconds * (1 - PING_SHARE), 1.0),
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="critical" if settings.log_level == "ERROR" else "warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=int(DRAIN_SECONDS),
    )
