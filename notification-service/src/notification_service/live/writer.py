"""A person who writes at a ticket: announced to colleagues, and shown in the ticket's presence."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress

from notification_service.domain.typing import LEASE_SECONDS, Step, Typing


class Writer:
    """Takes the frames of one client. The calls block, so they are made in threads, one after the other."""

    def __init__(self, executor: Executor, announce: Callable[[bool], None], renew: Callable[[bool], None]) -> None:
        """`announce` shows colleagues that the person writes or no longer does.

        `renew` renews presence, in `executor`: a slow ticket-service delays neither announcements nor new clients.
        """
        self._executor, self._announce, self._renew = executor, announce, renew
        self._typing = Typing()
        self._expiry: asyncio.TimerHandle | None = None
        self._calls: asyncio.Task[None] | None = None

    def take(self, typing: bool) -> None:
        """Take a frame. Without another one for LEASE_SECONDS the person no longer writes."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        step = self._typing.take(typing, time.monotonic())
        if self._typing.is_typing:
            self._expiry = asyncio.get_running_loop().call_later(LEASE_SECONDS, self.take, False)
        if step is not Step.NOTHING:
            self._calls = asyncio.ensure_future(self._call(self._calls, step, self._typing.is_typing))

    def leave(self) -> None:
        """End: a client that is gone does not write."""
        self.take(False)

    async def _call(self, before: asyncio.Task[None] | None, step: Step, typing: bool) -> None:
        if before is not None:
            await before
        if step is Step.ANNOUNCE:
            with suppress(Exception):  # nothing depends on it, and the next one may succeed
                await asyncio.to_thread(self._announce, typing)
        with suppress(Exception):
            await asyncio.get_running_loop().run_in_executor(self._executor, self._renew, typing)
