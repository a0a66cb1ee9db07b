"""One connected client, as the hub sees it: its rooms, its rights and what waits for it."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from notification_service.domain.changes import STILL, TYPING, Change, Viewer
from notification_service.store.live_events import LiveEvent

RESUME = "resume"
"""The goodbye to a client that reads too slowly: it comes back with its cursor."""


@dataclass(eq=False)
class Subscriber:
    """A client. `room` is None for one that follows all that its person sees."""

    viewer: Viewer
    room: str | None = None
    kinds: frozenset[str] | None = None
    """The kinds that it wants, None for all."""
    connection: str = ""
    max_waiting: int = 64
    waiting: deque[LiveEvent] = field(default_factory=deque)
    cursor: int = 0
    goodbye: str | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _replayed: frozenset[int] = frozenset()
    _replayed_until: int = 0

    def wants(self, change: Change) -> bool:
        """Return whether the client may see a change and follows it; nobody sees their own typing."""
        kind = change.kinds[0]
        if kind in (TYPING, STILL) and (self.room is None or change.item_id == self.viewer.user_id):
            return False
        return (
            change.company_id == self.viewer.company_id
            and (self.room is None or self.room == change.room)
            and (self.kinds is None or kind in self.kinds)
            and self.viewer.sees(change.audience)
        )

    def offer(self, events: Sequence[LiveEvent], cursor: int) -> None:
        """Queue changes; a client that has not taken what it got before is sent away to resume later."""
        wanted = [event for event in events if event.id not in self._replayed and self.wants(event.change)]
        if cursor > self._replayed_until:
            self._replayed = frozenset()
        if len(self.waiting) >= self.max_waiting and wanted:
            self.end(RESUME)
        elif self.goodbye is None:
            self.waiting.extend(wanted)
            self.cursor = cursor
            if wanted:
                self.wake.set()

    def skip(self, events: Sequence[LiveEvent]) -> None:
        """Offer none of these changes again: a client that resumes has got them already."""
        self._replayed = frozenset(event.id for event in events)
        self._replayed_until = max((event.xact for event in events), default=0)

    def take(self) -> tuple[list[LiveEvent], int]:
        """Return what waits, and the cursor behind it."""
        self.wake.clear()
        taken = list(self.waiting)
        self.waiting.clear()
        return taken, self.cursor

    def end(self, code: str) -> None:
        """Let the client's task say goodbye and close. The first reason counts."""
        if self.goodbye is None:
            self.goodbye = code
        if self.goodbye == RESUME:
            # What it has not got it reads again when it is back.
            self.waiting.clear()
        self.wake.set()
