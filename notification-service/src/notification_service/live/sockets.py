"""The WebSockets: changes of one ticket, of its comments, or the caller's notifications."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from notification_service.domain.changes import NOTIFICATION, STILL, TYPING, person, ticket_room
from notification_service.live import messages
from notification_service.live.asgi import Receive, Send
from notification_service.live.hub import Hub
from notification_service.live.streams import NoCursor, cursor_in
from notification_service.live.subscriber import RESUME, Subscriber
from notification_service.live.writer import Writer
from notification_service.store.live_events import LiveEvent, TooOld

GOING_AWAY, TOO_SLOW, NOT_ALLOWED, TOO_MUCH = 1001, 4408, 4401, 4429
CODES = {RESUME: TOO_SLOW, "restarting": GOING_AWAY, "unavailable": GOING_AWAY, "too_many_frames": TOO_MUCH}
"""The close code of each goodbye; all others end the caller's right to be connected."""
GONE = "gone"
MAX_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Place:
    """The room that a path names, and the kinds of changes that it shows."""

    room: str
    kinds: frozenset[str] | None
    ticket_id: int | None


def place_of(path: str, user_id: int | None) -> Place | None:
    """Return the place of a path, None for an unknown one."""
    segments = path.strip("/").split("/")
    if segments == ["ws", "notifications"]:
        return Place(person(user_id or 0), frozenset({NOTIFICATION}), None)
    if len(segments) != 3 or segments[0] != "ws":
        return None
    number = segments[2]
    if not (number.isascii() and number.isdigit() and len(number) < 20 and 0 < int(number) <= MAX_NUMBER):
        return None
    kinds = {"tickets": None, "comments": frozenset({*messages.COMMENT_KINDS, TYPING, STILL})}
    if segments[1] not in kinds:
        return None
    return Place(ticket_room(int(number)), kinds[segments[1]], int(number))


@dataclass
class FrameCount:
    """Counts the frames of the last second."""

    most: int
    clock: Callable[[], float] = time.monotonic
    _times: deque[float] = field(default_factory=deque)

    def is_too_many(self) -> bool:
        """Count a frame; return whether there were more than `most` within a second."""
        now = self.clock()
        self._times.append(now)
        while self._times[0] <= now - 1.0:
            self._times.popleft()
        return len(self._times) > self.most


@dataclass
class Socket:
    """One WebSocket that was accepted."""

    subscriber: Subscriber
    hub: Hub
    send: Send
    writer: Writer | None
    """Shows that the person writes; None where the address is not that of a ticket."""
    max_frames: int

    async def run(self, receive: Receive, cursor_text: str) -> None:
        """Send changes until the client or the process ends. Raises what the database raises, before it accepts."""
        lost = False
        try:
            missed = await self.hub.add(self.subscriber, cursor_in(cursor_text))
        except (TooOld, NoCursor) as error:
            missed, lost = [], True
            if isinstance(error, NoCursor):
                await self.hub.add(self.subscriber, None)
        reading = None
        try:
            await self.send({"type": "websocket.accept"})
            start = cursor_text if cursor_text and not lost else str(self.subscriber.cursor)
            await self._say(messages.CONNECTED, {"cursor": start})
            if lost:
                await self._say(messages.RESET, {})
            reading = asyncio.ensure_future(self._read(receive))
            events, cursor = self.subscriber.take()
            await self._show([*missed, *events], cursor)
            await self._follow()
        finally:
            self.hub.remove(self.subscriber)
            if reading is not None:
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading
            if self.writer is not None:
                self.writer.leave()

    async def _follow(self) -> None:
        while self.subscriber.goodbye is None:
            await self.subscriber.wake.wait()
            await self._show(*self.subscriber.take())
        code = self.subscriber.goodbye
        if code == GONE:
            return
        await self._say(messages.GOODBYE, {"code": code})
        await self.send({"type": "websocket.close", "code": CODES.get(code, NOT_ALLOWED), "reason": code})

    async def _show(self, events: Sequence[LiveEvent], cursor: int) -> None:
        for event in events:
            kind, content = messages.of_change(event.change)
            if event is events[-1]:
                # Only the last one of what came together: a cursor says that everything before it has arrived.
                content = content | {"cursor": str(cursor)}
            await self._say(kind, content)

    async def _say(self, kind: str, content: dict[str, Any]) -> None:
        await self.send({"type": "websocket.send", "text": messages.frame(kind, content)})

    async def _read(self, receive: Receive) -> None:
        count = FrameCount(self.max_frames)
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.subscriber.end(GONE)
                return
            if message["type"] != "websocket.receive":
                continue
            if count.is_too_many():
                self.subscriber.end("too_many_frames")
                return
            await self._handle(message.get("text") or message.get("bytes") or "")

    async def _handle(self, text: str | bytes) -> None:
        """Answer a frame; ignore all that is not understood."""
        try:
            content = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        kind = content.get("type") if isinstance(content, dict) else None
        if kind == "ping":
            await self._say(messages.PONG, {})
        elif kind == "typing" and isinstance(content.get("typing"), bool) and self.writer is not None:
            self.writer.take(content["typing"])


async def turn_away(send: Send, code: int, reason: str) -> None:
    """Accept a WebSocket and close it with a code: a browser shows its page no other reason."""
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code, "reason": reason})
