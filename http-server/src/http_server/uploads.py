"""Schedules large bodies: all connections read while the spool has space, only the oldest while it is full."""

from collections.abc import Callable
from typing import Protocol

from http_server.spool import Spool


class Uploading(Protocol):
    """A connection that receives a large body."""

    def resume(self) -> None:
        """Resume reading after a pause."""

    def reject(self) -> None:
        """Refuse the request whose body is arriving."""


class Uploads:
    """The large bodies that one server is receiving, the oldest first.

    While the spool is full, only the oldest body is received; it completes and frees its bytes. It is refused where it
    takes longer than `grace_seconds` while others wait, so that slow uploads can't block others.
    """

    def __init__(self, spool: Spool, grace_seconds: float, now: Callable[[], float]) -> None:
        self._spool, self._grace_seconds, self._now = spool, grace_seconds, now
        self._since: dict[Uploading, float] = {}
        self._waiting: dict[Uploading, None] = {}

    def may_read(self, upload: Uploading) -> bool:
        """Return whether a connection may read now. Where it may not, `resume` is called later."""
        self._since.setdefault(upload, self._now())
        if not self._spool.full or upload is next(iter(self._since)):
            return True
        self._waiting[upload] = None
        return False

    def remove(self, upload: Uploading) -> None:
        """Remove an upload whose body is complete or whose connection has ended."""
        self._since.pop(upload, None)
        self._waiting.pop(upload, None)

    def resume_waiting(self) -> None:
        """Resume the waiting uploads for which the spool has space."""
        if not self._waiting:
            return
        ready = [next(iter(self._since))] if self._spool.full else list(self._waiting)
        for upload in ready:
            if upload in self._waiting:
                del self._waiting[upload]
                upload.resume()

    def sweep(self) -> None:
        """Refuse the oldest upload where it is too slow and others wait. The server calls this once a second."""
        if self._waiting and self._spool.full:
            upload, since = next(iter(self._since.items()))
            if self._now() - since > self._grace_seconds:
                upload.reject()
        self.resume_waiting()
