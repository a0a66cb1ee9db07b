"""Puts a circuit breaker before a classifier, so that tickets don't wait for its time-outs one after another."""

from service_kit.http_client import Breaker, BreakerOpen

from ai_service.domain.cascade import Classifier, ClassifierFailed
from ai_service.domain.classification import DecidedBy, Proposal
from ai_service.domain.departments import Departments
from ai_service.domain.ticket_text import TicketText

MAX_FAILURES = 5
OPEN_SECONDS = 30.0


class CircuitBreakingClassifier:
    """Asks a classifier, unless five failures in a row have opened its circuit breaker for half a minute."""

    def __init__(self, classifier: Classifier, breaker: Breaker | None = None) -> None:
        self._classifier = classifier
        # Always the same pause: with several calls in flight the later failures of one outage would double it.
        self._breaker = breaker or Breaker(
            failures=MAX_FAILURES, open_seconds=OPEN_SECONDS, longest_open_seconds=OPEN_SECONDS
        )

    @property
    def name(self) -> DecidedBy:
        """Return the classifier's name."""
        return self._classifier.name

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Return the classifier's proposal; raise ClassifierFailed, at once with the kind `breaker_open` while open."""
        try:
            self._breaker.admit()
        except BreakerOpen:
            raise ClassifierFailed("breaker_open", "unknown") from None
        try:
            proposal = self._classifier.classify(ticket, departments)
        except ClassifierFailed as failure:
            if failure.health == "ill":
                self._breaker.failed(failure.retry_after)
            elif failure.health == "well":
                self._breaker.succeeded()
            raise
        except Exception:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return proposal
