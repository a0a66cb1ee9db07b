"""Metrics of messaging: a worker's counters and gauges, and table sizes read from the database at every scrape."""

from collections.abc import Iterable, Mapping

from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics
from sqlalchemy import text

# Index: outbox_unpublished, which is never larger than the backlog.
_UNPUBLISHED = text("select count(*) from outbox where published_at is null")
_OLDEST = text(
    "select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) from outbox where published_at is null"
)
_DEAD = text("select queue, count(*) from parked where state = 'dead' group by queue")
_WAITING = text("select queue, count(*) from parked where state = 'waiting' group by queue")

OUTCOMES = ("applied", "duplicate", "ended", "ignored", "parked", "dead")


class MessagingMetrics:
    """Counters and gauges of one worker. Without `metrics` they are counted and never exposed."""

    def __init__(self, metrics: Metrics | None, service: str) -> None:
        metrics = metrics or Metrics(service)
        self._consumed = metrics.counter(
            "events_consumed_total", "Events handled, by what became of them.", ("queue", "type", "outcome")
        )
        self._published = metrics.counter("events_published_total", "Events the broker confirmed.", ("type",))
        self._retries = metrics.counter("consumer_retries_total", "Events parked for a retry.", ("queue",))
        self._depth = metrics.gauge("queue_depth", "Messages that wait in the queue.", ("queue",))
        self._lag = metrics.gauge("consumer_lag", "Messages received and not yet handled.", ("queue",))
        self._age = metrics.histogram("queue_age_seconds", "Age of an event when it was received.", ("queue",))
        self._active = metrics.gauge("relay_active", "1 where this process holds the service's relay.")

    def expect(self, queues: Mapping[str, Iterable[str]], published: Iterable[str]) -> None:
        """Create every series of the queues and the published types with the value zero, before their first event.

        The depth of a queue is left out, because only the broker can tell it.
        """
        for queue, types in queues.items():
            for event_type in types:
                for outcome in OUTCOMES:
                    self._consumed.labels(queue, event_type, outcome)
            self._retries.labels(queue)
            self._age.labels(queue)
            self._lag.labels(queue).set(0)
        for event_type in published:
            self._published.labels(event_type)

    def consumed(self, queue: str, event_type: str, outcome: str, number: int = 1) -> None:
        """Count handled events: applied, duplicate, ended, ignored, parked or dead."""
        self._consumed.labels(queue, event_type, outcome).inc(number)

    def published(self, event_type: str, number: int) -> None:
        """Count confirmed events."""
        self._published.labels(event_type).inc(number)

    def retried(self, queue: str) -> None:
        """Count one event that will be retried."""
        self._retries.labels(queue).inc()

    def age(self, queue: str, seconds: float) -> None:
        """Observe the age of an event at its arrival."""
        self._age.labels(queue).observe(max(seconds, 0.0))

    def depth(self, queue: str, messages: int) -> None:
        """Set the number of messages in the queue."""
        self._depth.labels(queue).set(messages)

    def lag(self, queue: str, messages: int) -> None:
        """Set the number of messages that this process has received and not processed."""
        self._lag.labels(queue).set(messages)

    def relay_active(self, active: bool) -> None:
        """Set whether this process relays."""
        self._active.set(1 if active else 0)


def register_table_metrics(metrics: Metrics, database: Database, queues: Iterable[str] = ()) -> None:
    """Make every scrape read outbox lag, dead letters and waiting retries. A second registration changes nothing.

    Any process of the service may expose them. Each of `queues` has a series from the start: an alert on a missing
    series never fires, and a rate over a series that appears with its first event misses that event.
    """
    zeros: dict[tuple[str, ...], float] = {(queue,): 0.0 for queue in queues}

    def scalar(statement: object) -> float:
        with database.relay_session() as session:
            return float(session.execute(statement).scalar_one())  # type: ignore[call-overload]

    def per_queue(statement: object) -> dict[tuple[str, ...], float]:
        with database.relay_session() as session:
            rows = session.execute(statement).all()  # type: ignore[call-overload]
        return zeros | {(queue,): float(number) for queue, number in rows}

    metrics.at_scrape("outbox_unpublished", "Events that wait to be published.", lambda: scalar(_UNPUBLISHED))
    metrics.at_scrape("outbox_oldest_seconds", "Age of the oldest unpublished event.", lambda: scalar(_OLDEST))
    metrics.at_scrape("dead_letters", "Dead letters.", lambda: per_queue(_DEAD), ("queue",))
    metrics.at_scrape("parked_waiting", "Events parked for a retry.", lambda: per_queue(_WAITING), ("queue",))
