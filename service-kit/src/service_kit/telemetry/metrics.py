"""Prometheus metrics of one service: a registry per service, because several share a process in embedded mode.

Under gunicorn each process, the worker included, writes its own files in PROMETHEUS_MULTIPROC_DIR, which the entry
point sets before the first metric. The process that serves a scrape adds them up.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock
from typing import Any, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client.core import Metric
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

from service_kit.telemetry.logs import get_logger

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REQUEST_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
DURATION_BUCKETS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0)

MetricType = TypeVar("MetricType", bound=MetricWrapperBase)
log = get_logger(__name__)

# Disables the creation-time series of each counter and histogram, which no dashboard uses.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics(Collector):
    """The metrics of one service. A second call with the same name returns the same metric."""

    def __init__(self, service: str) -> None:
        """`service` is the value of the label `service` of request durations."""
        self.service = service
        self._registry = CollectorRegistry()
        self._metrics: dict[str, MetricWrapperBase] = {}
        self._readers: dict[str, Callable[[], Iterable[Metric]]] = {}
        self._lock = Lock()
        self._durations = self.histogram(
            "http_request_duration_seconds",
            "Time from a request's arrival to its response.",
            ("service", "method", "route", "status"),
            buckets=REQUEST_BUCKETS,
        )

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        """Return the counter `name`; the library adds a missing `_total`."""
        return self._get_or_create(Counter, name, help_text, labels)

    def histogram(
        self, name: str, help_text: str, labels: Sequence[str] = (), buckets: Sequence[float] = DURATION_BUCKETS
    ) -> Histogram:
        """Return the histogram `name`; the default buckets are in seconds."""
        return self._get_or_create(Histogram, name, help_text, labels, buckets=buckets)

    def gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        """Return the gauge `name`. The values of all live processes are added."""
        return self._get_or_create(Gauge, name, help_text, labels, multiprocess_mode="livesum")

    def at_scrape(self, name: str, read: Callable[[], Iterable[Metric]]) -> None:
        """Add to each scrape the metrics that `read` returns then, none where it raises.

        A second call with the same name changes nothing.
        """
        self._readers.setdefault(name, read)

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of `at_scrape`."""
        for read in self._readers.values():
            try:
                yield from list(read())
            except Exception as error:
                # A scrape must succeed while the database is down: operators need metrics most at that time.
                log.warning("gauges not readable", error=type(error).__name__)

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record the duration of one request in seconds."""
        self._durations.labels(self.service, method, route, status).observe(seconds)

    def render(self) -> bytes:
        """Return the metrics of all processes of the service in the text format."""
        registry = self._registry
        if values.ValueClass._multiprocess:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(self)

    def _get_or_create(
        self, kind: type[MetricType], name: str, help_text: str, labels: Sequence[str], **options: Any
    ) -> MetricType:
        with self._lock:
            metric = self._metrics.get(name)
            if metric is None:
                metric = self._metrics[name] = kind(name, help_text, labels, registry=self._registry, **options)
        if not isinstance(metric, kind):
            raise TypeError(f"{name} is already a {type(metric).__name__}")
        return metric
