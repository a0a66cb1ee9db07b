"""Answers refill requests: sends the published events of the last days to a queue again, page by page."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import define, field
from service_kit.telemetry.logs import get_logger

from eventbus.bus.port import Bus, BusDown, Outcome, Publisher
from eventbus.contracts import Contracts
from eventbus.publish import outbox_queries
from eventbus.publish.leader_lock import LeaderLock

Publish = Callable[[Sequence[Any], str | None], list[Outcome]]
"""Publishes rows straight to the named queue and returns an outcome per row."""

log = get_logger(__name__)


@define(eq=False)
class Refiller:
    """The refills of one service's relay; remembers per queue the sequence number of the last row sent."""

    _published_types: frozenset[str]
    _bus: Bus
    _contracts: Contracts
    _leader_lock: LeaderLock
    _last_seq: dict[str, int] = field(init=False, factory=dict)

    @property
    def active(self) -> bool:
        """Return whether a refill is under way."""
        return bool(self._last_seq)

    def accept_requests(self, publisher: Publisher) -> None:
        """Start the refills that were requested, unless earlier ones are still under way. Raises BusDown."""
        # The next call of `refill_requests` acknowledges the earlier requests, so it must wait until they are done.
        if self._last_seq:
            return
        if queues := publisher.refill_requests():
            log.info("refilling", queues=sorted(queues))
            self._bus.declare(self._contracts.deployed_queues())
            self._last_seq = dict.fromkeys(queues, 0)

    def send_pages(self, publish: Publish) -> int:
        """Send one page to each queue under refill and return the number of events. Raises BusDown."""
        return sum(self._send_page(name, publish) for name in list(self._last_seq))

    def _send_page(self, name: str, publish: Publish) -> int:
        queue = self._contracts.queue(name)
        types = sorted(self._published_types & set(queue.patterns)) if queue else []
        with self._leader_lock.unit_of_work(transactional=self._bus.transactional):
            with self._leader_lock.connection() as connection:
                rows = outbox_queries.select_for_refill(connection, types, self._last_seq[name])
            outcomes = publish(rows, name) if rows else []
        if any(outcome is not Outcome.CONFIRMED for outcome in outcomes):
            raise BusDown("a refill did not get through")
        if rows:
            self._last_seq[name] = rows[-1].seq
        else:
            del self._last_seq[name]
        return len(rows)
