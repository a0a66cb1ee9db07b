"""Parallel calls with one common time limit."""

import threading
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")


class ParallelCalls(Generic[Item, Result]):
    """Calls one function for several items in parallel.

    An item whose earlier call still hangs (for a name server that doesn't answer, say) is skipped until that call ends,
    so that hanging calls never pile up.
    """

    def __init__(self, call: Callable[[Item], Result], *, threads: int, name: str) -> None:
        self._call = call
        self._threads, self._name = threads, name
        self._pool: ThreadPoolExecutor | None = None
        self._running: dict[Item, Future[Result]] = {}
        self._lock = threading.Lock()

    def run(self, items: Iterable[Item], seconds: float) -> dict[Item, Result | Exception | None]:
        """Return each item's result, the exception of its call, or None if the call has not ended after `seconds`."""
        futures = {item: self._begin(item) for item in items}
        wait([future for future in futures.values() if future is not None], timeout=seconds)
        return {item: self._outcome(future) for item, future in futures.items()}

    def _begin(self, item: Item) -> "Future[Result] | None":
        with self._lock:
            running = self._running.get(item)
            if running is not None and not running.done():
                return None
            if self._pool is None:  # not made in __init__: threads don't survive the server's fork
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix=self._name)
            future = self._running[item] = self._pool.submit(self._call, item)
            return future

    @staticmethod
    def _outcome(future: "Future[Result] | None") -> Result | Exception | None:
        if future is None or not future.done():
            return None
        error = future.exception()
        return error if isinstance(error, Exception) else future.result()
