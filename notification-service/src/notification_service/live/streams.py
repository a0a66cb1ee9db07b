"""`GET /api/changes`: changes as server-sent events."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from notification_service.live import messages
from notification_service.live.asgi import Receive, Send
from notification_service.live.hub import Hub
from notification_service.live.subscriber import RESUME, Subscriber
from notification_service.store.live_events import TooOld

HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)
MAX_CURSOR = 2**63 - 1


class NoCursor(ValueError):
    """A cursor is none of ours."""


def cursor_in(text: str) -> int | None:
    """Return the cursor that a client sends, None without one; raise NoCursor."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_CURSOR):
        raise NoCursor
    return int(text)


async def stream(
    subscriber: Subscriber,
    cursor_text: str,
    hub: Hub,
    receive: Receive,
    send: Send,
    *,
    heartbeat_seconds: float,
    retry_milliseconds: Callable[[], int],
) -> None:
    """Send changes until the client or the process ends. A cursor that can't be resumed from gets `reset`."""
    given, lost = None, False
    try:
        given = cursor_in(cursor_text)
        missed = list(await hub.add(subscriber, given))
    except (TooOld, NoCursor) as error:
        missed, lost = [], True
        if isinstance(error, NoCursor):
            await hub.add(subscriber, None)
    try:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        # The cursor moves behind the missed changes: a client that is cut off before them still resumes from its own.
        start = subscriber.cursor if given is None or lost else given
        first = messages.server_sent(messages.CONNECTED, {"cursor": str(start)})
        if lost:
            first += messages.server_sent(messages.RESET, {})
        await _write(send, first)
        if missed:
            await _write(send, b"".join(messages.server_sent(*messages.of_change(each.change)) for each in missed))
        watching = asyncio.ensure_future(_until_disconnected(receive, subscriber))
        try:
            await _follow(subscriber, send, heartbeat_seconds, retry_milliseconds)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
    finally:
        hub.remove(subscriber)


async def _follow(
    subscriber: Subscriber, send: Send, heartbeat_seconds: float, retry_milliseconds: Callable[[], int]
) -> None:
    while subscriber.goodbye is None:
        events, cursor = subscriber.take()
        piece = b"".join(messages.server_sent(*messages.of_change(event.change)) for event in events)
        # The heartbeat moves the cursor, too, so that a client of a quiet company resumes from what is still stored.
        await _write(send, (piece or b": heartbeat\n") + messages.server_sent_cursor(cursor))
        with suppress(TimeoutError):
            await asyncio.wait_for(subscriber.wake.wait(), heartbeat_seconds)
    if subscriber.goodbye == "gone":
        return
    goodbye = messages.server_sent(messages.GOODBYE, {"code": subscriber.goodbye})
    pause = b"" if subscriber.goodbye == RESUME else b"retry: %d\n" % retry_milliseconds()
    await send({"type": "http.response.body", "body": pause + goodbye, "more_body": False})


async def _write(send: Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _until_disconnected(receive: Receive, subscriber: Subscriber) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscriber.end("gone")
