"""Prometheus metrics of one service: a registry per service, because several share a process in embedded mode.

Under gunicorn each process, the worker included, writes its own files in PROMETHEUS_MULTIPROC_DIR, which the entry
point sets before the first metric. The process that serves a scrape adds them up.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from threading import Lock
from typing import TypeVar

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
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

from service_kit.telemetry.logs import get_logger

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REQUEST_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
DURATION_BUCKETS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0)

FAILURE_PAUSE_SECONDS = 2.0

GaugeValue = float | Mapping[tuple[str, ...], float] | None
"""A gauge's value, or one per tuple of label values; None where it can't be read now."""

MetricType = TypeVar("MetricType", bound=MetricWrapperBase)
log = get_logger(__name__)

# Disables the creation-time series of each counter and histogram, which no dashboard uses.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of one service. A second call with the same name returns the same metric."""

    def __init__(self, service: str) -> None:
        """`service` is the value of the label `service` of request durations."""
        self.service = service
        self._registry = CollectorRegistry()
        self._scrape_registry = CollectorRegistry()
        self._metrics: dict[str, MetricWrapperBase] = {}
        self._scrape_gauges: set[str] = set()
        self._paused_until = 0.0
        self._lock = Lock()
        self._durations = self.histogram(
            "http_request_duration_seconds",
            "Time from a request's arrival to its response.",
            ("service", "method", "route", "status"),
            buckets=REQUEST_BUCKETS,
        )

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        """Return the counter `name`; the library adds a missing `_total`."""
        return self._get_or_create(name, Counter, lambda: Counter(name, help_text, labels, registry=self._registry))

    def histogram(
        self, name: str, help_text: str, labels: Sequence[str] = (), buckets: Sequence[float] = DURATION_BUCKETS
    ) -> Histogram:
        """Return the histogram `name`; the default buckets are in seconds."""
        return self._get_or_create(
            name, Histogram, lambda: Histogram(name, help_text, labels, registry=self._registry, buckets=buckets)
        )

    def gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        """Return the gauge `name`. The values of all live processes are added."""
        return self._get_or_create(
            name,
            Gauge,
            lambda: Gauge(name, help_text, labels, registry=self._registry, multiprocess_mode="livesum"),
        )

    def at_scrape(self, name: str, help_text: str, read: Callable[[], GaugeValue], labels: Sequence[str] = ()) -> None:
        """Register a gauge whose value `read` returns at each scrape. The scrape omits it where `read` raises."""
        with self._lock:
            if name not in self._scrape_gauges:
                self._scrape_gauges.add(name)
                gauge = _ScrapeGauge(name, help_text, labels, partial(self._read_unless_paused, read))
                self._scrape_registry.register(gauge)

    def _read_unless_paused(self, read: Callable[[], GaugeValue]) -> GaugeValue:
        """Skip all gauges for a moment after a failure: a dead database must not cost a timeout per gauge."""
        if time.monotonic() < self._paused_until:
            return None
        try:
            return read()
        except Exception as error:
            # A scrape must succeed while the database is down: operators need metrics most at that time.
            self._paused_until = time.monotonic() + FAILURE_PAUSE_SECONDS
            log.warning("gauges not readable", error=type(error).__name__)
            return None

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record the duration of one request in seconds."""
        self._durations.labels(self.service, method, route, status).observe(seconds)

    def render(self) -> bytes:
        """Return the metrics of all processes of the service in the text format."""
        registry = self._registry
        if values.ValueClass._multiprocess:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(self._scrape_registry)

    def _get_or_create(self, name: str, kind: type[MetricType], make: Callable[[], MetricType]) -> MetricType:
        with self._lock:
            metric = self._metrics.get(name)
            if metric is None:
                metric = self._metrics[name] = make()
        if not isinstance(metric, kind):
            raise TypeError(f"{name} is already a {type(metric).__name__}")
        return metric


class _ScrapeGauge(Collector):
    """A gauge that reads its value at each scrape."""

    def __init__(self, name: str, help_text: str, labels: Sequence[str], read: Callable[[], GaugeValue]) -> None:
        self._name, self._help, self._labels, self._read = name, help_text, tuple(labels), read

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(self._name, self._help, labels=self._labels)
        value_or_values = self._read()
        if isinstance(value_or_values, Mapping):
            for label_values, value in value_or_values.items():
                family.add_metric(label_values, value)
        elif value_or_values is not None:
            family.add_metric((), value_or_values)
        if family.samples:
            yield family
