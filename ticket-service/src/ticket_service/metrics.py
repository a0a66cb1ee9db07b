"""The metrics of this service."""

from datetime import UTC, datetime

from service_kit.telemetry.metrics import Metrics

PROCESSING_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 600.0, 3600.0)


class TicketMetrics:
    """Counters and a histogram of stored and routed tickets."""

    def __init__(self, metrics: Metrics) -> None:
        self._created = metrics.counter("tickets_created_total", "Tickets stored.")
        self._processed = metrics.counter(
            "tickets_processed_total", "Tickets that were routed for the first time.", ["status"]
        )
        for status in ("routed", "need_admin"):
            self._processed.labels(status)
        self._hdts = metrics.counter("hdts_messages_total", "Tickets that another system sent, by effect.", ["result"])
        for result in ("created", "updated", "unchanged", "late", "refused"):
            self._hdts.labels(result)
        self._duration = metrics.histogram(
            "ticket_processing_duration_seconds",
            "Time from storing a ticket to showing its routing.",
            buckets=PROCESSING_BUCKETS,
        )

    def count_created(self) -> None:
        """Count a ticket that was stored."""
        self._created.inc()

    def count_hdts(self, result: str) -> None:
        """Count a ticket that another system sent: created, updated, unchanged, late or refused."""
        self._hdts.labels(result).inc()

    def count_routed(self, created_at: datetime, need_admin: bool) -> None:
        """Count a ticket whose first routing was stored now."""
        self._processed.labels("need_admin" if need_admin else "routed").inc()
        self._duration.observe((datetime.now(UTC) - created_at).total_seconds())
