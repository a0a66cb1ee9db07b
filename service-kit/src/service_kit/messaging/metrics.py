"""What the messaging counts. One object per worker; without `Metrics` it counts nothing."""

from collections.abc import Iterable, Mapping

from service_kit.telemetry.metrics import Metrics

OUTCOMES = ("applied", "duplicate", "ended", "ignored", "parked", "dead")


class MessagingMetrics:
    """Counters and gauges of consuming and publishing, by the names the operators know."""

    def __init__(self, metrics: Metrics | None, service: str) -> None:
        metrics = metrics or Metrics(service)
        self._consumed = metrics.counter(
            "events_consumed_total", "Events handled, by what became of them.", ("queue", "type", "outcome")
        )
        self._published = metrics.counter("events_published_total", "Events the broker confirmed.", ("type",))
        self._retries = metrics.counter("consumer_retries_total", "Events put aside to be tried again.", ("queue",))
        self._depth = metrics.gauge("queue_depth", "Messages that wait in the queue.", ("queue",))
        self._lag = metrics.gauge("consumer_lag", "Messages received and not yet handled.", ("queue",))
        self._age = metrics.histogram("queue_age_seconds", "Age of an event when it was received.", ("queue",))
        self._active = metrics.gauge("relay_active", "1 where this process holds the service's relay.")

    def expect(self, queues: Mapping[str, Iterable[str]], published: Iterable[str]) -> None:
        """Show a zero for every queue with its event types and for every published type, before their first event.

        The depth of a queue is left out: it is not known before the broker is asked.
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
        """Count one event that will be tried again."""
        self._retries.labels(queue).inc()

    def age(self, queue: str, seconds: float) -> None:
        """Note how old an event was when it came."""
        self._age.labels(queue).observe(max(seconds, 0.0))

    def depth(self, queue: str, waiting: int) -> None:
        """Note how many messages wait in the queue, as of now."""
        self._depth.labels(queue).set(waiting)

    def lag(self, queue: str, held: int) -> None:
        """Note how many messages this process holds unhandled."""
        self._lag.labels(queue).set(held)

    def relay_active(self, active: bool) -> None:
        """Note whether this process relays."""
        self._active.set(1 if active else 0)
