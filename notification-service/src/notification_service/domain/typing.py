"""When a person who writes is announced, and when the person's presence at the ticket is renewed."""

from dataclasses import dataclass
from enum import Enum

PAUSE_SECONDS = 2.0
"""The shortest time between an announcement and the next beginning."""
RENEW_SECONDS = 5.0
"""How often presence is renewed while a person goes on; ticket-service shows a person as writing for ten seconds."""
LEASE_SECONDS = 10.0
"""How long after its last frame a person counts as writing."""


class Step(Enum):
    """The consequence of a frame."""

    NOTHING, RENEW, ANNOUNCE = range(3)


@dataclass
class Typing:
    """Whether one client's person writes. Times are those of a monotonic clock."""

    is_typing: bool = False
    _announced_at: float = float("-inf")
    _renewed_at: float = float("-inf")

    def take(self, typing: bool, now: float) -> Step:
        """Take a frame: the beginning and the end are announced, presence is renewed in between."""
        if typing == self.is_typing:
            if not typing or now - self._renewed_at < RENEW_SECONDS:
                return Step.NOTHING
            self._renewed_at = now
            return Step.RENEW
        if typing and now - self._announced_at < PAUSE_SECONDS:
            return Step.NOTHING
        self.is_typing, self._announced_at, self._renewed_at = typing, now, now
        return Step.ANNOUNCE
