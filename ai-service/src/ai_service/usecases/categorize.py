"""Say where a ticket belongs: as it was answered before, or by the ladder."""

import time
from collections.abc import Callable
from hashlib import blake2b
from uuid import UUID

from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import Metrics
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ai_service.domain.answer import Answer
from ai_service.domain.categorized import Categorized
from ai_service.domain.departments import Departments
from ai_service.domain.ladder import Ladder
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.urgency import priority
from ai_service.store import answers
from ai_service.store.answers import Kept
from ai_service.usecases.answer_cache import AnswerCache

log = get_logger(__name__)


class Categorizer:
    """Categorizes tickets of all companies; used by HTTP and by the worker, from any thread.

    Answers are looked for in this process first, then, where they come from models, in the database that all processes
    and replicas share.
    """

    def __init__(
        self,
        ladder: Ladder,
        departments_of: Callable[[int], Departments],
        cache: AnswerCache,
        session_of: Callable[[int], Session],
        metrics: Metrics,
    ) -> None:
        """`session_of` opens a session that sees one company's rows."""
        self._ladder = ladder
        self._departments_of = departments_of
        self._cache = cache
        self._session_of = session_of
        self._decided = metrics.counter("categorizations_total", "Texts categorized, by who decided.", ("decided_by",))
        self._misses = metrics.counter("ladder_misses_total", "Rungs that had no answer, and why.", ("rung", "kind"))
        self._lookups = metrics.counter("categorize_cache_total", "Looks for an answer given before.", ("result",))

    @property
    def has_models(self) -> bool:
        """Tell whether an answer may cost more than a look for words."""
        return self._ladder.has_models

    def categorize(self, company: int, ticket: TicketText) -> Categorized:
        """Say where a ticket belongs. Raises only what the database raises where it can't be asked."""
        begun = time.perf_counter()
        departments = self._departments_of(company)
        # The list is part of the key: an answer must not outlive the department that it names.
        key = UUID(bytes=blake2b(ticket.fingerprint + departments.fingerprint, digest_size=16).digest())
        answer = self._before(company, key)
        cached = answer is not None
        self._lookups.labels("hit" if cached else "miss").inc()
        worth_keeping = False
        if answer is None:
            answer, worth_keeping = self._decide(company, key, ticket, departments)
        milliseconds = round((time.perf_counter() - begun) * 1_000, 3)
        return Categorized(answer, priority(ticket), key, cached, worth_keeping, milliseconds)

    def categorize_and_keep(self, company: int, ticket: TicketText) -> Categorized:
        """Say where a text belongs, and let the other processes know what a model said. For HTTP: it commits."""
        said = self.categorize(company, ticket)
        if said.worth_keeping:
            try:
                with self._session_of(company) as session, session.begin():
                    self.keep(session, [Kept(company, said.key, said.answer)])
            except SQLAlchemyError as error:
                # The answer is there all the same; only the next process will have to ask again.
                log.warning("answer not kept", error=type(error).__name__)
        return said

    def keep(self, session: Session, kept: list[Kept]) -> None:
        """Let the other processes know answers, in the caller's transaction."""
        answers.keep(session, kept, seconds=self._cache.seconds)

    def _before(self, company: int, key: UUID) -> Answer | None:
        answer = self._cache.get(company, key)
        if answer is None and self._ladder.has_models and self._cache.keeps:
            with self._session_of(company) as session:
                answer = answers.find(session, company, key, seconds=self._cache.seconds)
            if answer is not None:
                self._cache.put(company, key, answer)
        return answer

    def _decide(self, company: int, key: UUID, ticket: TicketText, departments: Departments) -> tuple[Answer, bool]:
        decision = self._ladder.decide(ticket, departments)
        self._decided.labels(decision.answer.decided_by).inc()
        for miss in decision.misses:
            self._misses.labels(miss.rung, miss.kind).inc()
        if decision.misses:
            # An answer from a lower rung is for this once: the next time the better one may be back.
            return decision.answer, False
        self._cache.put(company, key, decision.answer)
        return decision.answer, self._ladder.has_models and self._cache.keeps
