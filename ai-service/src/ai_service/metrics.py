"""The metrics of ai-service's consumers, besides those of every service."""

from contextlib import AbstractContextManager

from service_kit.telemetry.metrics import Metrics


class AiMetrics:
    """Measures the categorization of new tickets."""

    def __init__(self, metrics: Metrics) -> None:
        self._durations = metrics.histogram(
            "workflow_step_duration_seconds", "Time one step of a ticket's way takes.", ("step",)
        ).labels("categorize")

    def categorization(self) -> AbstractContextManager[object]:
        """Return a context manager that records the duration of a ticket's categorization."""
        return self._durations.time()
