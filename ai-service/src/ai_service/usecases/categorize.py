"""Categorize a ticket: department, priority and team, from the cache or by the classifier cascade."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import get_args
from uuid import UUID

from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import Metrics
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ai_service.domain.cascade import CascadePolicy, ClassifierCascade, Decision
from ai_service.domain.cascade_settings import MICROS_PER_USD
from ai_service.domain.categorization import Categorization
from ai_service.domain.classification import Classification, DecidedBy, unclassified
from ai_service.domain.company import Company
from ai_service.domain.priority.decision import manual_priority, prioritize
from ai_service.domain.priority.levels import Prioritized, Priority
from ai_service.domain.team import TeamMatch
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.usage import Tokens, Usage
from ai_service.store import shared_cache, usage
from ai_service.store.shared_cache import CachedClassification
from ai_service.store.usage import Call
from ai_service.usecases import cache_key
from ai_service.usecases.classification_cache import ClassificationCache
from ai_service.usecases.local_model import LocalModelPort, NoLocalModel
from ai_service.usecases.spend_tracker import SpendTracker

MODELS = ("claude", "bert")
KNOWN_SKIP_KINDS = ("breaker_open", "timeout", "busy", "connection", "refused", "malformed", "unknown_department")

log = get_logger(__name__)


@dataclass(frozen=True)
class _Result:
    """A classification, and where it comes from."""

    classification: Classification
    key: UUID
    cached: bool = False
    shareable: bool = False
    usage: Usage | None = None


class Categorizer:
    """Categorizes tickets of all companies, for HTTP and for the worker. Thread-safe.

    Looks for a cached classification in this process first, then, where models are asked, in the database that all
    processes and replicas share.
    """

    def __init__(
        self,
        cascade: ClassifierCascade,
        company_of: Callable[[int, float | None], Company],
        cache: ClassificationCache,
        session_of: Callable[[int], Session],
        metrics: Metrics,
        local: LocalModelPort | None = None,
    ) -> None:
        """`session_of` opens a session that sees one company's rows.

        `company_of(company_id, since)` returns a company as read at the monotonic time `since` or later.
        """
        self._cascade = cascade
        self._local = local or NoLocalModel()
        self._company_of = company_of
        self._cache = cache
        self._session_of = session_of
        self._spending = SpendTracker()
        self._decided = metrics.counter("categorizations_total", "Texts categorized, by who decided.", ("decided_by",))
        self._skipped = metrics.counter(
            "classifier_skips_total", "Classifiers that gave no answer, and why.", ("classifier", "kind")
        )
        self._lookups = metrics.counter("categorize_cache_total", "Look-ups in the classification cache.", ("result",))
        self._spend = metrics.counter("ai_spend_usd_total", "Cost of calls of paid models, as far as it is known.")
        self._tokens = metrics.counter("ai_tokens_total", "Tokens used of paid models.", ("kind",))
        self._create_series()

    def _create_series(self) -> None:
        """Create a series at 0 for each known label value: a rate misses the event that creates its series."""
        for decided_by in get_args(DecidedBy):
            self._decided.labels(decided_by)
        for result in ("hit", "miss"):
            self._lookups.labels(result)
        for kind in vars(Tokens()):
            self._tokens.labels(kind)
        for classifier in MODELS:
            for kind in KNOWN_SKIP_KINDS:
                self._skipped.labels(classifier, kind)

    @property
    def has_models(self) -> bool:
        """Return whether an answer may cost more than a search for keywords."""
        return self._cascade.has_models

    def categorize_new(
        self, company_id: int, ticket: TicketText, current_priority: Priority, *, received_at: float | None = None
    ) -> Categorization:
        """Categorize a new ticket as far as its company has automation switched on.

        `received_at` is the monotonic time at which the ticket came. Raises OperationalError where the company can't be
        read.
        """
        started = time.perf_counter()
        company = self._company_of(company_id, received_at)
        # The one check of auto_categorize: without it neither the cache nor a classifier sees the ticket's text.
        if company.auto_categorize:
            result = self._classify(company_id, ticket, company)
        else:
            result = self._leave_unclassified(ticket, company)
        if company.auto_prioritize:
            prioritized = _prioritized(ticket, company, result.classification)
        else:
            prioritized = manual_priority(current_priority)
        team = None
        if company.auto_categorize and company.auto_assign:
            team = self._local.match_team(company_id, ticket, company)
        categorization = _categorization(result, prioritized, team, started)
        if company.shadow:
            return replace(categorization, shadow=self._classify_in_shadow(company_id, ticket, company))
        return categorization

    def categorize(self, company_id: int, ticket: TicketText) -> Categorization:
        """Categorize a text on request, whatever automation is switched off. Raises as `categorize_new`."""
        started = time.perf_counter()
        company = self._company_of(company_id, None)
        result = self._classify(company_id, ticket, company)
        prioritized = _prioritized(ticket, company, result.classification)
        return _categorization(result, prioritized, self._local.match_team(company_id, ticket, company), started)

    def categorize_and_save(self, company_id: int, ticket: TicketText) -> Categorization:
        """Categorize a text as `categorize` does; write its cost to the ledger and the answer to the shared cache.

        For HTTP: it commits.
        """
        categorization = self.categorize(company_id, ticket)
        if categorization.shareable or categorization.usage:
            try:
                with self._session_of(company_id) as session, session.begin():
                    self.save(session, [(company_id, None, categorization)])
            except SQLAlchemyError as error:
                # The caller gets its answer all the same; only another process will have to ask the model again.
                log.warning("answer and costs not saved", error=type(error).__name__)
        return categorization

    def save(self, session: Session, categorized: Sequence[tuple[int, int | None, Categorization]]) -> None:
        """Write answers of paid models to the shared cache and costs to the ledger, in the caller's transaction.

        Each item is (company, ticket, categorization); the ticket is None for a request without one.
        """
        shareable = [
            CachedClassification(company_id, one.key, one.classification)
            for company_id, _, one in categorized
            if one.shareable
        ]
        shared_cache.upsert(session, shareable, seconds=self._cache.seconds)
        # Last, because the row of the day locks out other transactions of the same company until the commit.
        calls = [Call(company_id, ticket, one.usage) for company_id, ticket, one in categorized if one.usage]
        usage.append(session, calls)

    def _classify(self, company_id: int, ticket: TicketText, company: Company) -> _Result:
        classifiers, zero_shot = self._local.classifiers(company_id, company)
        # The models are part of the key: an answer must not outlive the model that gave it, nor the lack of one.
        models = cache_key.models(company, classifiers, zero_shot)
        key = cache_key.of(ticket, company.departments, models)
        cached = self._cached(company_id, key)
        self._lookups.labels("miss" if cached is None else "hit").inc()
        if cached is not None:
            return _Result(cached, key, cached=True)
        affordable = company.cascade.allows_paid_calls(self._spending.current(company_id, company.spending))
        policy = CascadePolicy(company.cascade.order, affordable)
        decision = self._cascade.decide(ticket, company.departments, classifiers, zero_shot, policy)
        if decision.usage is not None:
            self._record_usage(company_id, company, decision.usage)
        shareable = self._record(company_id, key, decision)
        return _Result(decision.classification, key, shareable=shareable, usage=decision.usage)

    def _record_usage(self, company_id: int, company: Company, used: Usage) -> None:
        if used.cost_micro_usd is not None:
            self._spending.record(company_id, company.spending, used.cost_micro_usd)
            self._spend.inc(float(used.cost_micro_usd / MICROS_PER_USD))
        for kind, number in vars(used.tokens).items():
            self._tokens.labels(kind).inc(number)

    def _classify_in_shadow(self, company_id: int, ticket: TicketText, company: Company) -> Classification | None:
        """Classify with the candidate model, or with the serving one where nothing acts on it; never a paid one."""
        if company.auto_categorize and company.candidate is None:
            return None
        shadowed = replace(company, model=company.candidate or company.model)
        classifiers, zero_shot = self._local.classifiers(company_id, shadowed)
        return ClassifierCascade().decide(ticket, company.departments, classifiers, zero_shot).classification

    def _leave_unclassified(self, ticket: TicketText, company: Company) -> _Result:
        key = cache_key.of(ticket, company.departments, "unread")
        result = _Result(unclassified(company.departments), key)
        self._decided.labels(result.classification.decided_by).inc()
        return result

    def _cached(self, company_id: int, key: UUID) -> Classification | None:
        found = self._cache.get(company_id, key)
        if found is None and self._cascade.has_models and self._cache.is_enabled:
            with self._session_of(company_id) as session:
                found = shared_cache.find(session, company_id, key, seconds=self._cache.seconds)
            if found is not None:
                self._cache.put(company_id, key, found)
        return found

    def _record(self, company_id: int, key: UUID, decision: Decision) -> bool:
        """Count and cache a decision; return whether the shared cache should have it too."""
        decided_by = decision.classification.decided_by
        self._decided.labels(decided_by).inc()
        for skipped in decision.skipped:
            self._skipped.labels(skipped.classifier, skipped.kind).inc()
        if decision.skipped and decided_by != "claude":
            # Not cached: the classifier that failed may answer the next time.
            return False
        self._cache.put(company_id, key, decision.classification)
        # Other processes compute free answers themselves.
        return decided_by == "claude" and self._cache.is_enabled


def _prioritized(ticket: TicketText, company: Company, classification: Classification) -> Prioritized:
    """Propose a priority; rules of a department don't match a ticket that merely waits there unread."""
    department = None if classification.decided_by == "nobody" else classification.department
    return prioritize(ticket, company.rules, department)


def _categorization(
    result: _Result, prioritized: Prioritized, team: TeamMatch | None, started: float
) -> Categorization:
    milliseconds = round((time.perf_counter() - started) * 1_000, 3)
    return Categorization(
        result.classification,
        prioritized,
        result.key,
        result.cached,
        result.shareable,
        milliseconds,
        team,
        result.usage,
    )
