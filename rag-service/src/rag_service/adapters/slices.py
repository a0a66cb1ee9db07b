"""Runs slices of long computations in a few threads, those of the shortest computation first.

Without it a document of thousands of passages would keep the encoder for minutes; with it a short document waits for
one slice of a long one at most.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from itertools import count
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Slices(Generic[Result]):
    """A pool whose threads end when there is nothing to do."""

    def __init__(self, threads: int) -> None:
        """`threads`: how many slices run at once."""
        self._max_threads = threads
        self._running = 0
        self._waiting: list[tuple[int, int, Future[Result], Callable[[], Result]]] = []
        self._numbers = count()
        self._lock = Lock()

    def run(self, slices: Sequence[Callable[[], Result]]) -> Iterator[Result]:
        """Yield the results of one computation in the order of its slices; raise the error of one that fails.

        A caller that stops iterating, or gets an error, runs no slice that has not begun.
        """
        futures = [self._submit(each, len(slices)) for each in slices]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()

    def _submit(self, job: Callable[[], Result], length: int) -> Future[Result]:
        future: Future[Result] = Future()
        with self._lock:
            heapq.heappush(self._waiting, (length, next(self._numbers), future, job))
            if self._running < self._max_threads:
                self._running += 1
                Thread(target=self._work, name="slices", daemon=True).start()
        return future

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running -= 1
                    return
                _, _, future, job = heapq.heappop(self._waiting)
            if future.set_running_or_notify_cancel():
                _settle(future, job)


def _settle(future: "Future[Any]", job: Callable[[], Any]) -> None:
    try:
        result = job()
    except BaseException as error:
        # The caller gets the error; the thread goes on with others' slices.
        future.set_exception(error)
    else:
        future.set_result(result)
