"""Schedules large bodies: all connections read while the spool has space, only the oldest while it is full."""

from collections.abc import Callable
from typing import Protocol

from http_server.spool import Spool

MIN_BYTES_PER_SECOND = 64 * 1024
"""The pace below which an upload is refused at once while others wait for it."""


class Uploading(Protocol):
    """A connection that receives a large body."""

    @property
    def received_bytes(self) -> int:
        """Return the size of the body received so far, in bytes."""

    def resume(self) -> None:
        """Resume reading after a pause."""

    def reject(self) -> None:
        """Refuse the request whose body is arriving."""


class Uploads:
    """The large bodies that one server is receiving, the oldest first.

    While the spool is full, only the oldest body is received; it completes and frees its bytes. Slow uploads can't
    block others: where others wait, the oldest is refused if it doesn't complete within `grace_seconds` of reading
    alone, and at once if it has been slower than MIN_BYTES_PER_SECOND for longer than that. The time for which an
    upload itself had to wait doesn't count.
    """

    def __init__(self, spool: Spool, grace_seconds: float, now: Callable[[], float]) -> None:
        self._spool, self._grace_seconds, self._now = spool, grace_seconds, now
        self._since: dict[Uploading, float] = {}
        self._waiting: dict[Uploading, float] = {}
        self._alone: Uploading | None = None
        self._alone_since = 0.0

    def may_read(self, upload: Uploading) -> bool:
        """Return whether a connection may read now. Where it may not, `resume` is called later."""
        self._since.setdefault(upload, self._now())
        if not self._spool.full or upload is self._next_alone():
            return True
        self._waiting.setdefault(upload, self._now())
        return False

    def remove(self, upload: Uploading) -> None:
        """Remove an upload whose body is complete or whose connection has ended."""
        self._since.pop(upload, None)
        self._waiting.pop(upload, None)

    def resume_waiting(self) -> None:
        """Resume the waiting uploads for which the spool has space."""
        ready = list(self._waiting) if not self._spool.full else [self._next_alone()]
        for upload in ready:
            if upload is not None and upload in self._waiting:
                self._since[upload] += self._now() - self._waiting.pop(upload)
                upload.resume()

    def sweep(self) -> None:
        """Refuse the oldest upload where it is too slow and others wait. The server calls this once a second."""
        self.resume_waiting()
        reader = self._next_alone() if self._waiting and self._spool.full else None
        if reader is not self._alone:
            self._alone, self._alone_since = reader, self._now()
        if reader is not None and self._too_slow(reader):
            reader.reject()
            self.resume_waiting()

    def _next_alone(self) -> Uploading | None:
        """Return the oldest upload, or None until complete bodies have left the spool enough space for its rest."""
        oldest = next(iter(self._since), None)
        return oldest if oldest is not None and self._spool.can_complete(oldest.received_bytes) else None

    def _too_slow(self, reader: Uploading) -> bool:
        now, since = self._now(), self._since[reader]
        slow = reader.received_bytes < (now - since) * MIN_BYTES_PER_SECOND and now - since > self._grace_seconds
        return slow or now - self._alone_since > self._grace_seconds
