"""The metrics of this service."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from notification_service.domain.mailbox import Provider
from notification_service.domain.webhook_delivery import Next, State
from notification_service.store import webhook_deliveries


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


class WebhookMetrics:
    """Counts the tries of webhooks' messages by their consequence, and the webhooks that are switched off."""

    def __init__(self, metrics: Metrics) -> None:
        self._tries = metrics.counter(
            "webhook_tries_total", "Tries of webhooks' messages: delivered, to be tried again, given up.", ["result"]
        )
        for result in ("delivered", "retried", "failed"):
            self._tries.labels(result)
        self._switched_off = metrics.counter(
            "webhooks_switched_off_total", "Webhooks switched off because of their receivers."
        )

    def count(self, then: Next, *, is_switched_off: bool) -> None:
        """Count a try by its consequence, and the webhook that it has switched off."""
        self._tries.labels("retried" if then.state is State.PENDING else then.state.value).inc()
        if is_switched_off:
            self._switched_off.inc()


def show_webhook_backlog(metrics: Metrics, database: Database) -> None:
    """Make every scrape read how many messages wait for active webhooks, and for how long; any process may show it."""

    def read() -> Iterator[GaugeMetricFamily]:
        with database.session() as session:
            backlog = webhook_deliveries.backlog(session)
        yield GaugeMetricFamily(
            "webhook_messages_waiting", "Messages that active webhooks have not got.", value=backlog.number
        )
        yield GaugeMetricFamily(
            "webhook_oldest_seconds", "Age of the oldest message that waits.", value=backlog.oldest_seconds
        )

    metrics.at_scrape("webhooks", read)
