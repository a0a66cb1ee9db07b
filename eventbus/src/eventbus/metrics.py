"""Metrics of messaging: a worker's counters and gauges, and table sizes read from the database at every scrape."""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics
from sqlalchemy import text

# Index: outbox_unpublished, which is never larger than the backlog.
_UNPUBLISHED = text("""
    select count(*) as number, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) as oldest_seconds
    from outbox where published_at is null
""")
_PARKED = text("select state, queue, count(*) as number from parked group by state, queue")

OUTCOMES = ("applied", "duplicate", "ended", "ignored", "parked", "dead")


class MessagingMetrics:
    """Counters and gauges of one worker. Without `metrics` they are counted and never exposed."""

    def __init__(self, metrics: Metrics | None, service: str) -> None:
        metrics = metrics or Metrics(service)
        self.consumed = metrics.counter(
            "events_consumed_total", "Events handled, by what became of them.", ("queue", "type", "outcome")
        )
        """`outcome` is one of OUTCOMES."""
        self.published = metrics.counter("events_published_total", "Events the broker confirmed.", ("type",))
        self.retries = metrics.counter("consumer_retries_total", "Events parked for a retry.", ("queue",))
        self.depth = metrics.gauge("queue_depth", "Messages that wait in the queue.", ("queue",))
        self.lag = metrics.gauge("consumer_lag", "Messages received and not yet handled.", ("queue",))
        self.age = metrics.histogram("queue_age_seconds", "Age of an event when it was received.", ("queue",))
        self.relay_active = metrics.gauge("relay_active", "1 where this process holds the service's relay.")

    def expect(self, queues: Mapping[str, Iterable[str]], published: Iterable[str]) -> None:
        """Create every series of the queues and the published types with the value zero, before their first event.

        The depth of a queue is left out, because only the broker can tell it.
        """
        for queue, types in queues.items():
            for event_type in types:
                for outcome in OUTCOMES:
                    self.consumed.labels(queue, event_type, outcome)
            self.retries.labels(queue)
            self.age.labels(queue)
            self.lag.labels(queue).set(0)
        for event_type in published:
            self.published.labels(event_type)


def register_table_metrics(metrics: Metrics, database: Database, queues: Iterable[str] = ()) -> None:
    """Make every scrape read outbox lag, dead letters and waiting retries. A second registration changes nothing.

    Any process of the service may expose them. Each of `queues` has a series from the start: an alert on a missing
    series never fires, and a rate over a series that appears with its first event misses that event.
    """
    zeros = dict.fromkeys(queues, 0)

    def read() -> Iterator[GaugeMetricFamily]:
        with database.relay_session() as session:
            unpublished = session.execute(_UNPUBLISHED).one()
            parked = session.execute(_PARKED).all()
        yield GaugeMetricFamily("outbox_unpublished", "Events that wait to be published.", value=unpublished.number)
        yield GaugeMetricFamily(
            "outbox_oldest_seconds", "Age of the oldest unpublished event.", value=unpublished.oldest_seconds
        )
        for name, help_text, wanted in (
            ("dead_letters", "Dead letters.", "dead"),
            ("parked_waiting", "Events parked for a retry.", "waiting"),
        ):
            family = GaugeMetricFamily(name, help_text, labels=["queue"])
            for queue, number in (zeros | {row.queue: row.number for row in parked if row.state == wanted}).items():
                family.add_metric([queue], number)
            yield family

    metrics.at_scrape("eventbus", read)
