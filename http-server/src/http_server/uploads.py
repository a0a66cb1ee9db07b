"""Which connections may go on receiving a large body: all while the spool has room, the oldest where it has none."""

from collections.abc import Callable
from typing import Protocol

from http_server.spool import Spool


class Uploading(Protocol):
    """A connection that receives a large body."""

    def go_on(self) -> None:
        """Read on after waiting for room."""

    def end_body(self) -> None:
        """Refuse the request whose body is arriving."""


class Uploads:
    """The large bodies that one server is receiving, the oldest first.

    Where the spool is full, only the oldest body is received on: it completes and makes room. One that takes longer
    than the grace while others wait is refused, so that slow uploads can't keep others out.
    """

    def __init__(self, spool: Spool, grace_seconds: float, now: Callable[[], float]) -> None:
        self._spool, self._grace_seconds, self._now = spool, grace_seconds, now
        self._since: dict[Uploading, float] = {}
        self._waiting: dict[Uploading, None] = {}

    def may_go_on(self, upload: Uploading) -> bool:
        """Tell whether a connection may read on; otherwise `go_on` is called when it may."""
        self._since.setdefault(upload, self._now())
        if not self._spool.full or upload is next(iter(self._since)):
            return True
        self._waiting[upload] = None
        return False

    def ended(self, upload: Uploading) -> None:
        """Forget an upload: its body is complete, or its connection has ended."""
        self._since.pop(upload, None)
        self._waiting.pop(upload, None)

    def wake(self) -> None:
        """Let uploads go on for which there is room now."""
        if not self._waiting:
            return
        ready = [next(iter(self._since))] if self._spool.full else list(self._waiting)
        for upload in ready:
            if upload in self._waiting:
                del self._waiting[upload]
                upload.go_on()

    def sweep(self) -> None:
        """Refuse the oldest upload where it has been slow while others wait. The server calls this once a second."""
        if self._waiting and self._spool.full:
            upload, since = next(iter(self._since.items()))
            if self._now() - since > self._grace_seconds:
                upload.end_body()
        self.wake()
