"""The bulkhead of signing in: how many threads of this process may wait for a hash, a try or an answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

RETRY_AFTER_SECONDS = 2


class HashingBusy(Exception):
    """Too many people are signing in (503); `retry_after_seconds` says when to try again."""

    retry_after_seconds = RETRY_AFTER_SECONDS

    def __init__(self) -> None:
        super().__init__("Too many people are signing in at the moment.")


class Bulkhead:
    """Bounds the threads that signing in may hold, so that some are left for other requests."""

    def __init__(self, number: int) -> None:
        self._free = threading.BoundedSemaphore(number)
        self._thread = threading.local()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot; a thread that holds one already keeps it. Raises HashingBusy where none is free."""
        if getattr(self._thread, "holds_one", False):
            yield
            return
        if not self._free.acquire(blocking=False):
            raise HashingBusy
        self._thread.holds_one = True
        try:
            yield
        finally:
            self._thread.holds_one = False
            self._free.release()
