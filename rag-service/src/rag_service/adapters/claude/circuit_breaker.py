"""A circuit breaker around the writer, so that consecutive questions don't each wait for its timeout."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from service_kit.http_client import Breaker, BreakerOpen

from rag_service.domain.answering.assessed_passage import AssessedPassage
from rag_service.domain.answering.conversation import Turn
from rag_service.usecases.writer import Draft, Reranked, RewrittenQuestion, Writer, WriterFailed

FAILURES = 5
OPEN_SECONDS = 30.0

Result = TypeVar("Result")


class CircuitBreakerWriter(Writer):
    """Calls a writer unless it failed five times in a row within the last half minute."""

    def __init__(self, writer: Writer, breaker: Breaker | None = None) -> None:
        self._writer = writer
        # A constant open time: with several calls in flight, the later failures of one outage would double it.
        self._breaker = breaker or Breaker(
            failures=FAILURES, open_seconds=OPEN_SECONDS, longest_open_seconds=OPEN_SECONDS
        )

    def solve(self, description: str, context: str, passages: Sequence[AssessedPassage]) -> Draft:
        """Return steps that solve a ticket; raise WriterFailed."""
        return self._through_breaker(lambda: self._writer.solve(description, context, passages))

    def answer(self, question: str, turns: Sequence[Turn], passages: Sequence[AssessedPassage]) -> Draft:
        """Return the sentences that answer a question; raise WriterFailed."""
        return self._through_breaker(lambda: self._writer.answer(question, turns, passages))

    def rewrite(self, question: str, turns: Sequence[Turn]) -> RewrittenQuestion:
        """Return a follow-up as a standalone question; raise WriterFailed."""
        return self._through_breaker(lambda: self._writer.rewrite(question, turns))

    def rerank(self, question: str, passages: Sequence[AssessedPassage]) -> Reranked:
        """Return the passages that help, best first; raise WriterFailed."""
        return self._through_breaker(lambda: self._writer.rerank(question, passages))

    def _through_breaker(self, ask: Callable[[], Result]) -> Result:
        """Call the writer; raise WriterFailed, at once with the kind `resting` while the breaker is open."""
        try:
            self._breaker.admit()
        except BreakerOpen:
            raise WriterFailed("resting", "unknown") from None
        try:
            result = ask()
        except WriterFailed as failure:
            if failure.health == "ill":
                self._breaker.failed(failure.retry_after)
            elif failure.health == "well":
                self._breaker.succeeded()
            raise
        except Exception:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return result
