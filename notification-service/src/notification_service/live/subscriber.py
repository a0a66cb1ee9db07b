"""One connected client, as the hub sees it: its rooms, its rights and what waits for it."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from notification_service.domain.changes import STILL, TYPING, Change, Viewer
from notification_service.store.live_events import LiveEvent

RESUME = "resume"
"""The goodbye to a client that reads too slowly: it comes back with its cursor."""


@dataclass
class Position:
    """Up to which mark the changes of a company were read and offered; its clients share it."""

    mark: int = 0


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
    position: Position = field(default_factory=Position)
    goodbye: str | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _replayed: frozenset[int] = frozenset()
    _replayed_until: int = 0
    _resumed_at: int = 0
    _ended_at: int | None = None

    @property
    def cursor(self) -> int:
        """Return the mark from which the client misses nothing, once it has got what waits.

        It stands still from the goodbye on, because nothing is queued any more.
        """
        return max(self.position.mark, self._resumed_at) if self._ended_at is None else self._ended_at

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

    def offer(self, events: Sequence[LiveEvent]) -> None:
        """Queue changes; a client that has not taken what it got before is sent away to resume later."""
        wanted = [event for event in events if event.id not in self._replayed and self.wants(event.change)]
        if len(self.waiting) >= self.max_waiting and wanted:
            self.end(RESUME)
        elif self.goodbye is None and wanted:
            self.waiting.extend(wanted)
            self.wake.set()

    def resume_at(self, mark: int) -> None:
        """Begin with a mark that is ahead of the company's: what is before it was read for this client alone."""
        self._resumed_at = mark

    def skip(self, events: Sequence[LiveEvent]) -> None:
        """Offer none of these changes again: a client that resumes has got them already."""
        self._replayed = frozenset(event.id for event in events)
        self._replayed_until = max((event.xact for event in events), default=0)

    def forgets_skipped(self, mark: int) -> bool:
        """Forget what must not be offered again where everything up to `mark` was offered; return whether it was."""
        if mark <= self._replayed_until:
            return False
        self._replayed = frozenset()
        return True

    def take(self) -> tuple[list[LiveEvent], int]:
        """Return what waits, and the cursor behind it."""
        self.wake.clear()
        taken = list(self.waiting)
        self.waiting.clear()
        return taken, self.cursor

    def end(self, code: str) -> None:
        """Let the client's task say goodbye and close. The first reason counts."""
        if self.goodbye is None:
            self.goodbye, self._ended_at = code, self.cursor
        if self.goodbye == RESUME:
            # What it has not got it reads again when it is back.
            self.waiting.clear()
        self.wake.set()
