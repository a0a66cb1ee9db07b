"""An event loop in a thread of its own, for calls whose time is bounded by cancelling them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")


class LoopThread:
    """Runs coroutines for callers in other threads until it is told to end."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, coroutine: Coroutine[Any, Any, Result]) -> "Future[Result]":
        """Start a coroutine there; the future is the caller's."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def end(self, last: Callable[[], Awaitable[None]]) -> None:
        """Do one last thing, then stop; returns at once, and may be called from any thread, this one included."""

        async def finish() -> None:
            try:
                await last()
            finally:
                self._loop.stop()

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(finish()))

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
