"""Say where a ticket belongs: as it was answered before, or by the ladder."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import get_args
from uuid import UUID

from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import Metrics
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ai_service.domain.answer import Answer, DecidedBy, unread
from ai_service.domain.categorized import Categorized
from ai_service.domain.company import Company
from ai_service.domain.ladder import Climb, Decision, Ladder
from ai_service.domain.ladder_settings import MICRO
from ai_service.domain.priority.decision import kept, prioritize
from ai_service.domain.priority.levels import Prioritized, Priority
from ai_service.domain.team import TeamMatch
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.usage import Tokens, Usage
from ai_service.store import answers, usage
from ai_service.store.answers import Kept
from ai_service.store.usage import Call
from ai_service.usecases import answer_key
from ai_service.usecases.answer_cache import AnswerCache
from ai_service.usecases.local import Local, NoLocal
from ai_service.usecases.purse import Purse

MODELS = ("claude", "bert")
KNOWN_MISSES = ("resting", "timeout", "busy", "connection", "refused", "malformed", "not_of_the_list")

log = get_logger(__name__)


@dataclass(frozen=True)
class _Reading:
    """An answer, and how it was come by."""

    answer: Answer
    key: UUID
    cached: bool = False
    worth_keeping: bool = False
    usage: Usage | None = None


class Categorizer:
    """Categorizes tickets of all companies; used by HTTP and by the worker, from any thread.

    Answers are looked for in this process first, then, where they come from models, in the database that all processes
    and replicas share.
    """

    def __init__(
        self,
        ladder: Ladder,
        company_of: Callable[[int, float | None], Company],
        cache: AnswerCache,
        session_of: Callable[[int], Session],
        metrics: Metrics,
        local: Local | None = None,
    ) -> None:
        """`session_of` opens a session that sees one company's rows.

        `company_of(company, since)` gives what is known of a company, looked up at the monotonic time `since` or later.
        """
        self._ladder = ladder
        self._local = local or NoLocal()
        self._company_of = company_of
        self._cache = cache
        self._session_of = session_of
        self._purse = Purse()
        self._decided = metrics.counter("categorizations_total", "Texts categorized, by who decided.", ("decided_by",))
        self._misses = metrics.counter("ladder_misses_total", "Rungs that had no answer, and why.", ("rung", "kind"))
        self._lookups = metrics.counter("categorize_cache_total", "Looks for an answer given before.", ("result",))
        self._spend = metrics.counter("ai_spend_usd_total", "What calls of paid models cost, as far as it is known.")
        self._tokens = metrics.counter("ai_tokens_total", "Tokens used of paid models.", ("kind",))
        self._show_zeros()

    def _show_zeros(self) -> None:
        """Give each known label value its series: a rate over a series misses the event that it appears with."""
        for decided_by in get_args(DecidedBy):
            self._decided.labels(decided_by)
        for result in ("hit", "miss"):
            self._lookups.labels(result)
        for kind in vars(Tokens()):
            self._tokens.labels(kind)
        for rung in MODELS:
            for kind in KNOWN_MISSES:
                self._misses.labels(rung, kind)

    @property
    def has_models(self) -> bool:
        """Tell whether an answer may cost more than a look for words."""
        return self._ladder.has_models

    def categorize_new(
        self, company: int, ticket: TicketText, came_with: Priority, *, received_at: float | None = None
    ) -> Categorized:
        """Say where a new ticket belongs and how urgent it is, as far as its company leaves that to machines.

        `came_with` is the priority the ticket has already, `received_at` the monotonic time at which it came. Raises
        only what the database raises where it can't be asked.
        """
        begun = time.perf_counter()
        known = self._company_of(company, received_at)
        # The one place that heeds the switch: neither the cache nor a rung ever sees the text of such a ticket.
        reading = self._read(company, ticket, known) if known.auto_categorize else self._leave_unread(ticket, known)
        prioritized = _prioritized(ticket, known, reading.answer) if known.auto_prioritize else kept(came_with)
        team = self._local.team(company, ticket, known) if known.auto_categorize and known.auto_assign else None
        said = _said(reading, prioritized, team, begun)
        return replace(said, shadow=self._shadow(company, ticket, known)) if known.shadow else said

    def categorize(self, company: int, ticket: TicketText) -> Categorized:
        """Answer somebody who asks where a text belongs, whatever is switched off. Raises as `categorize_new`."""
        begun = time.perf_counter()
        known = self._company_of(company, None)
        reading = self._read(company, ticket, known)
        return _said(
            reading, _prioritized(ticket, known, reading.answer), self._local.team(company, ticket, known), begun
        )

    def categorize_and_keep(self, company: int, ticket: TicketText) -> Categorized:
        """Answer as `categorize`, write its costs down and let the other processes know what a model said.

        For HTTP: it commits.
        """
        said = self.categorize(company, ticket)
        if said.worth_keeping or said.usage:
            try:
                with self._session_of(company) as session, session.begin():
                    self.keep(session, [(company, None, said)])
            except SQLAlchemyError as error:
                # The answer is there all the same; only the next process will have to ask again.
                log.warning("answer and costs not kept", error=type(error).__name__)
        return said

    def keep(self, session: Session, told: Sequence[tuple[int, int | None, Categorized]]) -> None:
        """Let the other processes know answers and what they cost, in the caller's transaction.

        Each is given with its company and ticket; None where somebody asked about no ticket.
        """
        kept = [Kept(company, said.key, said.answer) for company, _, said in told if said.worth_keeping]
        answers.keep(session, kept, seconds=self._cache.seconds)
        # Last, because everybody who pays for the same company waits for its row of the day until the commit.
        usage.append(session, [Call(company, ticket, said.usage) for company, ticket, said in told if said.usage])

    def _read(self, company: int, ticket: TicketText, known: Company) -> _Reading:
        own, last = self._local.rungs(company, known)
        # An answer must not outlive the model that gave it, nor the lack of one.
        key = answer_key.of(ticket, known.departments, answer_key.model(known, own, last))
        answer = self._before(company, key)
        self._lookups.labels("miss" if answer is None else "hit").inc()
        if answer is not None:
            return _Reading(answer, key, cached=True)
        affordable = known.ladder.affords(self._purse.spent(company, known.spent))
        decision = self._ladder.decide(ticket, known.departments, own, last, Climb(known.ladder.order, affordable))
        if decision.usage is not None:
            self._pay(company, known, decision.usage)
        answer, worth_keeping = self._remember(company, key, decision)
        return _Reading(answer, key, worth_keeping=worth_keeping, usage=decision.usage)

    def _pay(self, company: int, known: Company, used: Usage) -> None:
        if used.cost_micro_usd is not None:
            self._purse.pay(company, known.spent, used.cost_micro_usd)
            self._spend.inc(float(used.cost_micro_usd / MICRO))
        for kind, number in vars(used.tokens).items():
            self._tokens.labels(kind).inc(number)

    def _shadow(self, company: int, ticket: TicketText, known: Company) -> Answer | None:
        """Say what another model would have said, or any where nobody's answer is wanted; never by one that is paid."""
        if known.auto_categorize and known.candidate is None:
            return None
        own, last = self._local.rungs(company, replace(known, model=known.candidate or known.model))
        return Ladder().decide(ticket, known.departments, own, last).answer

    def _leave_unread(self, ticket: TicketText, known: Company) -> _Reading:
        reading = _Reading(unread(known.departments), answer_key.of(ticket, known.departments, "unread"))
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
        if decision.misses and decision.answer.decided_by != "claude":
            # An answer from a lower rung is for this once: the next time the better one may be back.
            return decision.answer, False
        self._cache.put(company, key, decision.answer)
        # What costs no money is worked out again where it is needed.
        return decision.answer, decision.answer.decided_by == "claude" and self._cache.keeps


def _prioritized(ticket: TicketText, known: Company, answer: Answer) -> Prioritized:
    """Apply the company's rules; one for a department doesn't fit a ticket that merely waits there unread."""
    return prioritize(ticket, known.rules, None if answer.decided_by == "nobody" else answer.department)


def _said(reading: _Reading, prioritized: Prioritized, team: TeamMatch | None, begun: float) -> Categorized:
    milliseconds = round((time.perf_counter() - begun) * 1_000, 3)
    return Categorized(
        reading.answer,
        prioritized,
        reading.key,
        reading.cached,
        reading.worth_keeping,
        milliseconds,
        team,
        reading.usage,
    )
