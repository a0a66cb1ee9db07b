"""A rung behind a breaker, so that tickets don't pay for its time-outs one after another."""

from service_kit.calls import Breaker, BreakerOpen

from ai_service.domain.answer import DecidedBy, Proposal
from ai_service.domain.departments import Departments
from ai_service.domain.ladder import Rung, RungFailed
from ai_service.domain.ticket_text import TicketText

FAILURES = 5
REST_SECONDS = 30.0


class GuardedRung:
    """Asks a rung unless it failed five times in a row less than half a minute ago."""

    def __init__(self, rung: Rung, breaker: Breaker | None = None) -> None:
        self._rung = rung
        # As long at every time: with several calls in flight the later failures of one outage would double it.
        self._breaker = breaker or Breaker(
            failures=FAILURES, open_seconds=REST_SECONDS, longest_open_seconds=REST_SECONDS
        )

    @property
    def name(self) -> DecidedBy:
        """Return the name of the rung behind it."""
        return self._rung.name

    def read(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Return the rung's proposal; raise RungFailed, with the kind `resting` at once where it is left alone."""
        try:
            self._breaker.admit()
        except BreakerOpen:
            raise RungFailed("resting", "unknown") from None
        try:
            proposal = self._rung.read(ticket, departments)
        except RungFailed as failure:
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
