"""An event loop in a separate thread, for calls that a deadline cancels."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")


class LoopThread:
    """Runs coroutines for callers in other threads until `end` is called."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, coroutine: Coroutine[Any, Any, Result]) -> "Future[Result]":
        """Start a coroutine on the loop; return its future."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def end(self, last: Callable[[], Awaitable[None]]) -> None:
        """Await `last`, then stop the loop. Returns at once; any thread may call it, the loop's own included."""

        async def finish() -> None:
            try:
                await last()
            finally:
                self._loop.stop()

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(finish()))

    def join(self, seconds: float) -> None:
        """Wait at most `seconds` for the thread to end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
