"""The metrics of calls of partners, besides those of every service."""

from service_kit.telemetry.metrics import Metrics


class PartnerMetrics:
    """Measures calls of partners, and shows which breakers are open."""

    def __init__(self, metrics: Metrics) -> None:
        self._calls = metrics.counter("partner_calls_total", "Calls of partners, by outcome.", ("partner", "outcome"))
        self._durations = metrics.histogram("partner_call_duration_seconds", "Time of a partner's call.", ("partner",))
        self._open = metrics.gauge("partner_breaker_open", "Processes with an open breaker.", ("partner",))

    def called(self, partner: str, outcome: str, seconds: float) -> None:
        """Record a call by what is known after it, and its duration."""
        self._calls.labels(partner, outcome).inc()
        self._durations.labels(partner).observe(seconds)

    def show_breaker(self, partner: str, *, is_open: bool) -> None:
        """Show whether this process calls the partner."""
        self._open.labels(partner).set(int(is_open))
