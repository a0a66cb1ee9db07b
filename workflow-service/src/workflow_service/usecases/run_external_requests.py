"""Ask partners about the requests that are due, in every replica, until the worker stops.

A request is leased in one transaction, the partner is called outside of any, and its answer is stored in another. Calls
have threads of their own, a few per partner, so that a slow partner delays nothing but its own requests.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import BoundedSemaphore, Thread, current_thread
from threading import Event as Flag

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from workflow_service.domain.external import RetryLimits
from workflow_service.metrics import PartnerMetrics
from workflow_service.ports import Partner, PartnerClosed, Question
from workflow_service.store import due_external_requests
from workflow_service.usecases.save_verdict import save_verdict

INTERVAL_SECONDS = 1.0
BUSY_SECONDS = 0.05
"""The pause while there is work: a call that ends soon makes room for the next one."""
STOP_SECONDS = 5.0

log = get_logger(__name__)


@dataclass
class Asker:
    """Asks one partner, with at most `threads` calls at the same time."""

    database: Database
    partner: Partner
    limits: RetryLimits
    metrics: PartnerMetrics
    lease: timedelta
    threads: int
    _closed_until: float = 0.0
    _running: set[Thread] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the slots of the calls, and show the breaker as closed."""
        self.metrics.show_breaker(self.partner.name, is_open=False)
        self._slots = BoundedSemaphore(self.threads)

    def ask_due(self) -> int:
        """Lease due requests for the free threads and begin to ask; return how many.

        While the breaker isn't closed, one call at a time tries whether the partner is back.
        """
        is_trying = not self.partner.is_called
        if time.monotonic() < self._closed_until or (is_trying and self._running):
            return 0
        free, wanted = 0, 1 if is_trying else self.threads
        while free < wanted and self._slots.acquire(blocking=False):
            free += 1
        questions: Sequence[Question] = ()
        try:
            questions = self._claim(free) if free else ()
        finally:
            for _ in range(free - len(questions)):
                self._slots.release()
        for question in questions:
            thread = Thread(target=self._run, args=(question,), name=f"ask-{self.partner.name}", daemon=True)
            self._running.add(thread)
            try:
                thread.start()
            except RuntimeError:
                self._running.discard(thread)
                self._slots.release()
                raise
        return len(questions)

    def join(self, seconds: float) -> None:
        """Wait for calls in progress; what goes on for longer is asked again once its lease has ended."""
        deadline = time.monotonic() + seconds
        for thread in list(self._running):
            thread.join(max(deadline - time.monotonic(), 0.0))

    def _claim(self, most: int) -> list[Question]:
        with self.database.session() as session, session.begin():
            found = due_external_requests.find(session, self.partner.kind, most)
        if not found:
            return []
        with self.database.session(*{company_id for company_id, _ in found}) as session, session.begin():
            return due_external_requests.claim(session, found, self.lease)

    def _run(self, question: Question) -> None:
        try:
            self._ask(question)
        except Exception as error:
            # The lease ends by itself, and the request is asked again with the same key.
            log.warning("request to a partner failed", partner=self.partner.name, error=type(error).__name__)
        finally:
            self.metrics.show_breaker(self.partner.name, is_open=not self.partner.is_called)
            self._slots.release()
            self._running.discard(current_thread())

    def _ask(self, question: Question) -> None:
        began = time.perf_counter()
        try:
            verdict = self.partner.ask(question)
        except PartnerClosed as closed:
            self._release(question, closed.retry_after)
            return
        self._closed_until = 0.0
        self.metrics.called(self.partner.name, verdict.state, time.perf_counter() - began)
        save_verdict(self.database, self.partner, question, verdict, self.limits)

    def _release(self, question: Question, seconds: float) -> None:
        self._closed_until = time.monotonic() + seconds
        with self.database.session(question.external.company_id) as session, session.begin():
            due_external_requests.release(session, question, timedelta(seconds=seconds))


def run_external_requests(askers: Sequence[Asker], stopping: Flag) -> None:
    """Ask until `stopping` is set."""
    pause = INTERVAL_SECONDS
    while not stopping.wait(pause * random.uniform(0.8, 1.2)):
        pause = INTERVAL_SECONDS
        for asker in askers:
            try:
                if asker.ask_due():
                    pause = BUSY_SECONDS
            except Exception as error:
                log.warning("look for due requests failed", partner=asker.partner.name, error=type(error).__name__)
    for asker in askers:
        asker.join(STOP_SECONDS)
