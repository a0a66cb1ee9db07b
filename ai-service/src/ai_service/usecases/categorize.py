"""Say where a ticket belongs: as it was answered before, or by the ladder."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol
from uuid import UUID

from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import Metrics
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ai_service.domain.answer import Answer, unread
from ai_service.domain.categorized import Categorized
from ai_service.domain.company import Company
from ai_service.domain.departments import Departments
from ai_service.domain.ladder import Decision, Ladder, Rung
from ai_service.domain.priority.decision import kept, prioritize
from ai_service.domain.priority.levels import Prioritized, Priority
from ai_service.domain.team import TeamMatch
from ai_service.domain.ticket_text import TicketText
from ai_service.store import answers
from ai_service.store.answers import Kept
from ai_service.usecases.answer_cache import AnswerCache

log = get_logger(__name__)


@dataclass(frozen=True)
class _Reading:
    """An answer, and how it was come by."""

    answer: Answer
    key: UUID
    cached: bool = False
    worth_keeping: bool = False


class Local(Protocol):
    """The local model: rungs of a company's own, and the matching of teams."""

    def rungs(self, company: int, known: Company) -> tuple[Sequence[Rung], Rung | None]:
        """Return the company's own rungs, and one to ask where no word is known."""

    def team(self, ticket: TicketText, known: Company) -> TeamMatch | None:
        """Return the team a ticket resembles most."""


class NoLocal:
    """Stands in where there is no local model."""

    def rungs(self, company: int, known: Company) -> tuple[Sequence[Rung], Rung | None]:
        """Return none."""
        return (), None

    def team(self, ticket: TicketText, known: Company) -> TeamMatch | None:
        """Return none."""
        return None


class Categorizer:
    """Categorizes tickets of all companies; used by HTTP and by the worker, from any thread.

    Answers are looked for in this process first, then, where they come from models, in the database that all processes
    and replicas share.
    """

    def __init__(
        self,
        ladder: Ladder,
        company_of: Callable[[int], Company],
        cache: AnswerCache,
        session_of: Callable[[int], Session],
        metrics: Metrics,
        local: Local | None = None,
    ) -> None:
        """`session_of` opens a session that sees one company's rows."""
        self._ladder = ladder
        self._local = local or NoLocal()
        self._company_of = company_of
        self._cache = cache
        self._session_of = session_of
        self._decided = metrics.counter("categorizations_total", "Texts categorized, by who decided.", ("decided_by",))
        self._misses = metrics.counter("ladder_misses_total", "Rungs that had no answer, and why.", ("rung", "kind"))
        self._lookups = metrics.counter("categorize_cache_total", "Looks for an answer given before.", ("result",))

    @property
    def has_models(self) -> bool:
        """Tell whether an answer may cost more than a look for words."""
        return self._ladder.has_models

    def categorize_new(self, company: int, ticket: TicketText, came_with: Priority) -> Categorized:
        """Say where a new ticket belongs and how urgent it is, as far as its company leaves that to machines.

        `came_with` is the priority the ticket has already. Raises only what the database raises where it can't be
        asked.
        """
        begun = time.perf_counter()
        known = self._company_of(company)
        # The one place that heeds the switch: neither the cache nor a rung ever sees the text of such a ticket.
        reading = self._read(company, ticket, known) if known.auto_categorize else self._leave_unread(ticket, known)
        prioritized = _prioritized(ticket, known, reading.answer) if known.auto_prioritize else kept(came_with)
        team = self._local.team(ticket, known) if known.auto_categorize and known.auto_assign else None
        return _said(reading, prioritized, team, begun)

    def categorize(self, company: int, ticket: TicketText) -> Categorized:
        """Answer somebody who asks where a text belongs, whatever is switched off. Raises as `categorize_new`."""
        begun = time.perf_counter()
        known = self._company_of(company)
        reading = self._read(company, ticket, known)
        return _said(reading, _prioritized(ticket, known, reading.answer), self._local.team(ticket, known), begun)

    def categorize_and_keep(self, company: int, ticket: TicketText) -> Categorized:
        """Answer as `categorize`, and let the other processes know what a model said. For HTTP: it commits."""
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

    def _read(self, company: int, ticket: TicketText, known: Company) -> _Reading:
        own, last = self._local.rungs(company, known)
        # An answer must not outlive the model that gave it, nor the lack of one.
        key = _key(ticket, known.departments, (known.model or "") if own else "cold" if last else "none")
        answer = self._before(company, key)
        self._lookups.labels("miss" if answer is None else "hit").inc()
        if answer is not None:
            return _Reading(answer, key, cached=True)
        decision = self._ladder.decide(ticket, known.departments, own, last)
        answer, worth_keeping = self._remember(company, key, decision)
        return _Reading(answer, key, worth_keeping=worth_keeping)

    def _leave_unread(self, ticket: TicketText, known: Company) -> _Reading:
        reading = _Reading(unread(known.departments), _key(ticket, known.departments, "unread"))
        self._decided.labels(reading.answer.decided_by).inc()
        return reading

    def _before(self, company: int, key: UUID) -> Answer | None:
        answer = self._cache.get(company, key)
        if answer is None and self._ladder.has_models and self._cache.keeps:
            with self._session_of(company) as session:
                answer = answers.find(session, company, key, seconds=self._cache.seconds)
            if answer is not None:
                self._cache.put(company, key, answer)
        return answer

    def _remember(self, company: int, key: UUID, decision: Decision) -> tuple[Answer, bool]:
        self._decided.labels(decision.answer.decided_by).inc()
        for miss in decision.misses:
            self._misses.labels(miss.rung, miss.kind).inc()
        if decision.misses:
            # An answer from a lower rung is for this once: the next time the better one may be back.
            return decision.answer, False
        self._cache.put(company, key, decision.answer)
        # What costs no money is worked out again where it is needed.
        return decision.answer, decision.answer.decided_by == "claude" and self._cache.keeps


def _key(ticket: TicketText, departments: Departments, model: str) -> UUID:
    # The list is part of the key: an answer must not outlive the department that it names.
    parts = ticket.fingerprint + departments.fingerprint + model.encode()
    return UUID(bytes=blake2b(parts, digest_size=16).digest())


def _prioritized(ticket: TicketText, known: Company, answer: Answer) -> Prioritized:
    """Apply the company's rules; one for a department doesn't fit a ticket that merely waits there unread."""
    return prioritize(ticket, known.rules, None if answer.decided_by == "nobody" else answer.department)


def _said(reading: _Reading, prioritized: Prioritized, team: TeamMatch | None, begun: float) -> Categorized:
    milliseconds = round((time.perf_counter() - begun) * 1_000, 3)
    return Categorized(
        reading.answer, prioritized, reading.key, reading.cached, reading.worth_keeping, milliseconds, team
    )
