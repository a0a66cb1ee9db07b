"""The metrics of routing-service besides those of every service."""

from service_kit.telemetry.metrics import Metrics


class RoutingMetrics:
    """Measures the routing of tickets."""

    def __init__(self, metrics: Metrics) -> None:
        self._durations = metrics.histogram(
            "workflow_step_duration_seconds", "Time a step of a ticket's way takes.", ("step",)
        ).labels("route")

    def observe_routed(self, tickets: int, seconds: float) -> None:
        """Record a batch of routed tickets; a ticket's duration is that of its whole batch."""
        for _ in range(tickets):
            self._durations.observe(seconds)
