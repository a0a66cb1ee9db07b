"""A worker's periodic work: declares queues, drains dead letters, deletes expired rows, runs the service's own job."""

import random
import time
from collections.abc import Callable
from functools import partial
from threading import Event as Flag

from attrs import define
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from eventbus.bus.port import Bus
from eventbus.contracts import Contracts
from eventbus.retention import delete_expired_rows, drain_dead_letters
from eventbus.retry.policy import is_transient
from eventbus.retry.retry_store import RetryStore

INTERVAL_SECONDS = 10.0
DECLARE_EVERY_SECONDS = 60.0
"""How often to check that all queues exist. A consumer notices the loss of its own queue at once and declares it again;
this check is for the queues of services that are down, which then get a refill of the events that they missed."""
DECLARE_PAUSE_SECONDS = 0.05
"""Pause between two queues, because a check of all queues at once would delay the broker and this process."""
DELETE_EVERY_SECONDS = 300.0

log = get_logger(__name__)


@define(eq=False)
class Maintenance:
    """The maintenance of one service; `job` is its own. Only the process whose relay is active runs it."""

    _service: str
    _database: Database
    _bus: Bus
    _contracts: Contracts
    _retry_store: RetryStore
    _job: Callable[[], object]

    def run(self, stopping: Flag, is_active: Callable[[], bool]) -> None:
        """Run about every ten seconds until `stopping` is set, while `is_active` returns true."""
        delete_at = declare_at = 0.0
        pause = partial(stopping.wait, DECLARE_PAUSE_SECONDS)
        declare = partial(self._bus.declare, self._contracts.deployed_queues(), between=pause)
        delete = partial(delete_expired_rows, self._database, self._contracts.published_by(self._service))
        # Jitter: services that were started together would otherwise run their maintenance at the same time for ever.
        while not stopping.wait(INTERVAL_SECONDS * random.uniform(0.5, 1.5)):
            if not is_active():
                continue
            # Each step catches its own errors: a broken broker must not keep expired rows from being deleted.
            if time.monotonic() >= declare_at and self._try(declare):
                declare_at = time.monotonic() + DECLARE_EVERY_SECONDS
            self._try(self._drain_dead_letters)
            self._try(self._job)
            if time.monotonic() >= delete_at and self._try(delete):
                delete_at = time.monotonic() + DELETE_EVERY_SECONDS

    def _drain_dead_letters(self) -> None:
        queues = [queue.name for queue in self._contracts.queues(self._service)]
        if drained := drain_dead_letters(self._bus, self._retry_store, queues):
            log.warning("the broker gave up on messages", number=drained)

    def _try(self, step: Callable[[], object]) -> bool:
        """Run a step and return whether it succeeded."""
        try:
            step()
        except Exception as error:
            if not is_transient(error):
                log.exception("maintenance failed")
            return False
        return True
