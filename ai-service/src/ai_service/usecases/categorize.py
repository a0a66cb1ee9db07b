"""Say where a ticket belongs: from the cache, or by the ladder."""

import time
from collections.abc import Callable

from service_kit.telemetry.metrics import Metrics

from ai_service.domain.answer import Answer
from ai_service.domain.categorized import Categorized
from ai_service.domain.departments import Departments
from ai_service.domain.ladder import Ladder
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.urgency import priority
from ai_service.usecases.answer_cache import AnswerCache


class Categorizer:
    """Categorizes tickets of all companies; used by HTTP and by the worker, from any thread."""

    def __init__(
        self, ladder: Ladder, departments_of: Callable[[int], Departments], cache: AnswerCache, metrics: Metrics
    ) -> None:
        self._ladder = ladder
        self._departments_of = departments_of
        self._cache = cache
        self._decided = metrics.counter("categorizations_total", "Texts categorized, by who decided.", ("decided_by",))
        self._misses = metrics.counter("ladder_misses_total", "Rungs that had no answer, and why.", ("rung", "kind"))
        self._lookups = metrics.counter("categorize_cache_total", "Looks into the cache of answers.", ("result",))

    def categorize(self, company: int, ticket: TicketText) -> Categorized:
        """Say where a ticket belongs. Raises only what reading the company's departments raises."""
        begun = time.perf_counter()
        departments = self._departments_of(company)
        # The list is part of the key: an answer must not outlive the department that it names.
        key = (ticket.fingerprint, departments)
        answer = self._cache.get(company, key)
        cached = answer is not None
        self._lookups.labels("hit" if cached else "miss").inc()
        if answer is None:
            answer = self._decide(company, key, ticket, departments)
        milliseconds = (time.perf_counter() - begun) * 1_000
        return Categorized(answer, priority(ticket), cached, round(milliseconds, 3))

    def _decide(
        self, company: int, key: tuple[bytes, Departments], ticket: TicketText, departments: Departments
    ) -> Answer:
        decision = self._ladder.decide(ticket, departments)
        self._decided.labels(decision.answer.decided_by).inc()
        for miss in decision.misses:
            self._misses.labels(miss.rung, miss.kind).inc()
        if not decision.misses:
            # An answer from a lower rung is for this once: the next time the better one may be back.
            self._cache.put(company, key, decision.answer)
        return decision.answer
