"""Claude through the `anthropic` client, bounded in time, tries and calls at once.

The client's own time-outs are per read: a server that sends a byte a second would hold a call for hours. Here calls are
coroutines on one event loop in a thread of its own, so a deadline cancels a call wherever it is.
"""

import asyncio
import concurrent.futures
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from model_kit.claude import billing, reply, trouble
from model_kit.claude.failure import ClaudeFailed
from model_kit.claude.loop_thread import LoopThread
from model_kit.claude.prices import Prices
from model_kit.claude.reply import Reply
from model_kit.claude.settings import ClaudeSettings
from model_kit.claude.trouble import Trouble

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

TRIES = 2
FIRST_TRY_SHARE = 0.6
"""Of what is left of the deadline: a stalled first try leaves time for a second."""
FIRST_WAIT_SHARE = 0.05
"""Of the deadline, between the tries."""
PLACE_SHARE = 0.5
"""Of the deadline, to wait for a free place: who got one with no time left would look like Claude's failure."""
SHORTEST_TRY_SECONDS = 0.25
CONNECT_SECONDS = 3.0
CLOSE_SECONDS = 2.0


@dataclass(frozen=True)
class _Line:
    """What is opened with the first question: a client, the places for calls in flight, the thread they run in."""

    client: "AsyncAnthropic"
    places: asyncio.Semaphore
    thread: LoopThread

    def end(self) -> None:
        self.thread.end(self.client.close)


class Claude:
    """Asks Claude, for callers in any thread. Making it loads and opens nothing; the first question does."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        deadline_seconds: float,
        concurrency: int,
        prices: Prices | None = None,
    ) -> None:
        """`deadline_seconds` bounds one question, waiting and retries included; `concurrency` the calls in flight.

        `prices` say what calls cost; without them, those that are listed.
        """
        self._prices = prices or Prices()
        self._api_key = api_key
        self._base_url = base_url
        self._deadline_seconds = deadline_seconds
        self._concurrency = concurrency
        self._lock = Lock()
        self._line: _Line | None = None

    @classmethod
    def by(cls, settings: ClaudeSettings) -> "Claude":
        """Make the client that the settings describe; they must have a key."""
        return cls(
            api_key=settings.api_key,
            base_url=settings.base_url,
            deadline_seconds=settings.deadline_seconds,
            concurrency=settings.concurrency,
            prices=settings.prices,
        )

    def load(self) -> None:
        """Load the client's library now, which takes seconds; processes forked afterwards share its memory."""
        # Making one, and naming what is used of it, loads what the first call would; nothing is opened.
        _ = self._make_client().messages.with_raw_response

    def ask(self, arguments: Mapping[str, Any]) -> Reply:
        """Return the answer to one call of the Messages API; raise ClaudeFailed, at the latest at the deadline.

        `arguments` are the call's, `model` and `max_tokens` among them; without streaming.
        """
        ends = time.monotonic() + self._deadline_seconds
        line = self._started()
        call = line.thread.call(self._ask(line, arguments, ends))
        try:
            return call.result(max(0.0, ends - time.monotonic()) + 1.0)
        except Trouble as failure:
            raise ClaudeFailed(failure.kind, failure.health, retry_after=failure.retry_after) from None
        except (TimeoutError, concurrent.futures.CancelledError):
            # Only where the event loop itself is stuck, for inside it every wait has the deadline.
            call.cancel()
            raise ClaudeFailed("stuck", "ill") from None

    def close(self) -> None:
        """Give the connections and the thread back; the next question would open them again."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.end()
            line.thread.join(CLOSE_SECONDS)

    def _started(self) -> _Line:
        with self._lock:
            if self._line is None:
                self._line = _Line(self._make_client(), asyncio.Semaphore(self._concurrency), LoopThread("claude"))
                # Nobody has to remember to close it: it ends with this object, or with the process.
                weakref.finalize(self, self._line.end)
            return self._line

    def _make_client(self) -> "AsyncAnthropic":
        # Imported here: it takes seconds and 55 MB, which a system without a key must not pay.
        from anthropic import AsyncAnthropic, Timeout

        return AsyncAnthropic(
            api_key=self._api_key,
            base_url=self._base_url,
            timeout=Timeout(self._deadline_seconds, connect=min(CONNECT_SECONDS, self._deadline_seconds)),
            max_retries=0,  # tries are counted in one place, here
            open_telemetry=False,
        )

    async def _ask(self, line: _Line, arguments: Mapping[str, Any], ends: float) -> Reply:
        try:
            async with asyncio.timeout(self._deadline_seconds * PLACE_SHARE):
                await line.places.acquire()
        except TimeoutError:
            raise ClaudeFailed("busy", "unknown") from None
        try:
            return await self._try(line.client, arguments, ends)
        finally:
            line.places.release()

    async def _try(self, client: "AsyncAnthropic", arguments: Mapping[str, Any], ends: float) -> Reply:
        tries = 0
        while True:
            tries += 1
            left = ends - time.monotonic()
            try:
                return await self._call(client, arguments, left * FIRST_TRY_SHARE if tries < TRIES else left)
            except Trouble as failure:
                first = self._deadline_seconds * FIRST_WAIT_SHARE
                wait = trouble.wait_seconds(tries, failure.retry_after, first=first)
                if not failure.passing or tries >= TRIES or time.monotonic() + wait + SHORTEST_TRY_SECONDS > ends:
                    raise
            await asyncio.sleep(wait)

    async def _call(self, client: "AsyncAnthropic", arguments: Mapping[str, Any], seconds: float) -> Reply:
        from anthropic import APIConnectionError, APIStatusError

        try:
            async with asyncio.timeout(seconds):
                answer = await client.messages.with_raw_response.create(**arguments)
        except TimeoutError:
            raise Trouble("timeout", passing=True) from None
        except UnicodeEncodeError:
            # Halves of surrogate pairs, which no JSON can carry: nothing was sent.
            raise ClaudeFailed("unencodable", "unknown") from None
        except APIStatusError as error:
            raise trouble.of_status(error.status_code, reply.error_kind(error.body), error.response.headers) from None
        except APIConnectionError as error:
            kind = "timeout" if "Timeout" in type(error).__name__ else "connection"
            raise Trouble(kind, passing=True) from None
        body = reply.parse(answer.http_response.content)
        kind_of_error = reply.error_kind(body)
        if kind_of_error is not None:
            raise trouble.of_status(answer.status_code, kind_of_error, answer.headers)
        asked = str(arguments["model"])
        return reply.read(body, asked, billing.usage(body, asked, answer.headers.get("request-id"), self._prices))
