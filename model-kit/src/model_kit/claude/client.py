"""Calls Claude through the `anthropic` client within bounds of time, attempts and concurrency.

The client's own timeouts are per read: a server that sends a byte a second would hold a call for hours. Here calls are
coroutines on one event loop in a separate thread, so a deadline cancels a call in any state.
"""

import asyncio
import concurrent.futures
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from service_kit.backoff import Backoff
from service_kit.circuit_breaker import CircuitBreaker

from model_kit.claude import billing, reply, transient_errors
from model_kit.claude.circuit_breaker import ask_through, claude_breaker
from model_kit.claude.failure import ClaudeFailed
from model_kit.claude.loop_thread import LoopThread
from model_kit.claude.prices import Prices
from model_kit.claude.reply import Reply
from model_kit.claude.settings import ClaudeSettings
from model_kit.claude.transient_errors import FailedAttempt

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

MAX_ATTEMPTS = 2
FIRST_ATTEMPT_SHARE = 0.6
"""Of the remaining time: a stalled first attempt leaves time for a second."""
FIRST_BACKOFF_SHARE = 0.05
"""Of the deadline, between two attempts."""
MAX_QUEUE_SHARE = 0.5
"""Of the deadline, to wait for a free slot. A call that got its slot with no time left would look like a failure of
Claude."""
MIN_ATTEMPT_SECONDS = 0.25
CONNECT_SECONDS = 3.0
CLOSE_SECONDS = 2.0


@dataclass(frozen=True)
class _Connection:
    """Opened by the first question: a client, the slots for calls in flight, and the thread they run in."""

    client: "AsyncAnthropic"
    slots: asyncio.Semaphore
    thread: LoopThread

    def end(self) -> None:
        self.thread.end(self.client.close)


class Claude:
    """Asks Claude, for callers in any thread. The first question loads the library and opens connections."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        deadline_seconds: float,
        concurrency: int,
        prices: Prices | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """`deadline_seconds` bounds one question with waiting and retries; `concurrency` bounds the calls in flight.

        `prices` are the models' prices; without them the price list of `model_kit.claude.prices` holds.
        """
        self._prices = prices or Prices()
        self._breaker = breaker or claude_breaker()
        self._api_key = api_key
        self._base_url = base_url
        self._deadline_seconds = deadline_seconds
        self._concurrency = concurrency
        self._lock = Lock()
        self._connection: _Connection | None = None

    @classmethod
    def from_settings(cls, settings: ClaudeSettings) -> "Claude":
        """Return the client that the settings describe; they must have a key."""
        return cls(
            api_key=settings.api_key,
            base_url=settings.base_url,
            deadline_seconds=settings.deadline_seconds,
            concurrency=settings.concurrency,
            prices=settings.prices,
        )

    def load(self) -> None:
        """Load the client's library now, which takes seconds; processes forked afterwards share its memory."""
        # A client and this property import all modules that the first call needs; no connection is opened.
        _ = self._make_client().messages.with_raw_response

    def ask(self, arguments: Mapping[str, Any]) -> Reply:
        """Return the reply to one call of the Messages API. Raises ClaudeFailed, at the latest at the deadline.

        `arguments` are the call's arguments, including `model` and `max_tokens`, without streaming. While the circuit
        breaker is open, Claude is not called and the failure's kind is `breaker_open`.
        """
        return ask_through(self._breaker, lambda: self._ask_now(arguments))

    def _ask_now(self, arguments: Mapping[str, Any]) -> Reply:
        deadline = time.monotonic() + self._deadline_seconds
        connection = self._connect()
        call = connection.thread.call(self._ask(connection, arguments, deadline))
        try:
            return call.result(max(0.0, deadline - time.monotonic()) + 1.0)
        except FailedAttempt as failure:
            raise ClaudeFailed(failure.kind, failure.health, retry_after=failure.retry_after) from None
        except (TimeoutError, concurrent.futures.CancelledError):
            # Only a stuck event loop comes here: inside it every wait has the deadline.
            call.cancel()
            raise ClaudeFailed("stuck", "ill") from None

    def close(self) -> None:
        """Close the connections and end the thread; the next question opens them again."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.end()
            connection.thread.join(CLOSE_SECONDS)

    def _connect(self) -> _Connection:
        with self._lock:
            if self._connection is None:
                self._connection = _Connection(
                    self._make_client(), asyncio.Semaphore(self._concurrency), LoopThread("claude")
                )
                # Callers need not call `close`: the connection ends with this object or with the process.
                weakref.finalize(self, self._connection.end)
            return self._connection

    def _make_client(self) -> "AsyncAnthropic":
        # Imported here: it takes seconds and 55 MB, which a system without a key must not pay.
        from anthropic import AsyncAnthropic, Timeout

        return AsyncAnthropic(
            api_key=self._api_key,
            base_url=self._base_url,
            timeout=Timeout(self._deadline_seconds, connect=min(CONNECT_SECONDS, self._deadline_seconds)),
            max_retries=0,  # `_ask_with_retries` alone counts attempts
            open_telemetry=False,
        )

    async def _ask(self, connection: _Connection, arguments: Mapping[str, Any], deadline: float) -> Reply:
        try:
            async with asyncio.timeout(self._deadline_seconds * MAX_QUEUE_SHARE):
                await connection.slots.acquire()
        except TimeoutError:
            raise ClaudeFailed("busy", "unknown") from None
        try:
            return await self._ask_with_retries(connection.client, arguments, deadline)
        finally:
            connection.slots.release()

    async def _ask_with_retries(self, client: "AsyncAnthropic", arguments: Mapping[str, Any], deadline: float) -> Reply:
        backoff = Backoff(self._deadline_seconds * FIRST_BACKOFF_SHARE, self._deadline_seconds)
        attempts = 0
        while True:
            attempts += 1
            left = deadline - time.monotonic()
            try:
                return await self._call(
                    client, arguments, left * FIRST_ATTEMPT_SHARE if attempts < MAX_ATTEMPTS else left
                )
            except FailedAttempt as failure:
                wait = backoff.next_delay() if failure.retry_after is None else failure.retry_after
                if (
                    not failure.is_transient
                    or attempts >= MAX_ATTEMPTS
                    or time.monotonic() + wait + MIN_ATTEMPT_SECONDS > deadline
                ):
                    raise
            await asyncio.sleep(wait)

    async def _call(self, client: "AsyncAnthropic", arguments: Mapping[str, Any], seconds: float) -> Reply:
        from anthropic import APIConnectionError, APIStatusError

        try:
            async with asyncio.timeout(seconds):
                answer = await client.messages.with_raw_response.create(**arguments)
        except TimeoutError:
            raise FailedAttempt("timeout", is_transient=True) from None
        except UnicodeEncodeError:
            # JSON can't carry halves of surrogate pairs; nothing was sent.
            raise ClaudeFailed("unencodable", "unknown") from None
        except APIStatusError as error:
            raise transient_errors.from_status(
                error.status_code, reply.error_kind(error.body), error.response.headers
            ) from None
        except APIConnectionError as error:
            kind = "timeout" if "Timeout" in type(error).__name__ else "connection"
            raise FailedAttempt(kind, is_transient=True) from None
        body = reply.parse(answer.http_response.content)
        kind_of_error = reply.error_kind(body)
        if kind_of_error is not None:
            raise transient_errors.from_status(answer.status_code, kind_of_error, answer.headers)
        asked = str(arguments["model"])
        return reply.read(body, asked, billing.usage_of(body, asked, answer.headers.get("request-id"), self._prices))
