"""The metrics of this service."""

from service_kit.telemetry.metrics import Metrics

from notification_service.domain.mailbox import Provider


class MailMetrics:
    """Counts mails that come in."""

    def __init__(self, metrics: Metrics) -> None:
        self._received = metrics.counter(
            "inbound_mails_total", "Mails that came in, by their way: stored, or refused for their signature.",
            ["provider", "result"],
        )  # fmt: skip
        for provider in Provider:
            self._received.labels(provider, "stored")

    def count_stored(self, provider: str) -> None:
        """Count a mail that was stored."""
        self._received.labels(provider, "stored").inc()

    def count_refused(self, provider: str) -> None:
        """Count a request whose signature is not that of a mailbox."""
        self._received.labels(provider, "refused").inc()
