"""Prometheus metrics of one service: a registry per service, because several share a process in embedded mode.

Under gunicorn every process writes its own files in PROMETHEUS_MULTIPROC_DIR (the entry point sets that up before the
first metric is made) and whoever is asked adds them up, the worker process included.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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

FAILING_SECONDS = 2.0

Reading = float | Mapping[tuple[str, ...], float] | None
"""A gauge's value, or one per tuple of label values; None where it can't be known now."""

MetricType = TypeVar("MetricType", bound=MetricWrapperBase)
log = get_logger(__name__)

# One more series per counter and histogram, telling when it was made: nobody reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of one service. Asking for the same name again gives the same metric."""

    def __init__(self, service: str) -> None:
        """`service` is the value of the label by which request durations are told apart."""
        self.service = service
        self._registry = CollectorRegistry()
        self._at_scrape = CollectorRegistry()
        self._known: dict[str, MetricWrapperBase] = {}
        self._scraped: set[str] = set()
        self._failing_until = 0.0
        self._lock = Lock()
        self._durations = self.histogram(
            "http_request_duration_seconds",
            "Time from a request's arrival to its answer.",
            ("service", "method", "route", "status"),
            buckets=REQUEST_BUCKETS,
        )
        self._children: dict[tuple[str, str, int], Histogram] = {}

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        """Return the counter `name` (a trailing _total is added by the library where it is missing)."""
        return self._once(name, Counter, lambda: Counter(name, help_text, labels, registry=self._registry))

    def histogram(
        self, name: str, help_text: str, labels: Sequence[str] = (), buckets: Sequence[float] = DURATION_BUCKETS
    ) -> Histogram:
        """Return the histogram `name`, of seconds unless other buckets are given."""
        return self._once(
            name, Histogram, lambda: Histogram(name, help_text, labels, registry=self._registry, buckets=buckets)
        )

    def gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        """Return the gauge `name`; where several processes set it, the values of the living ones are added."""
        return self._once(
            name,
            Gauge,
            lambda: Gauge(name, help_text, labels, registry=self._registry, multiprocess_mode="livesum"),
        )

    def at_scrape(self, name: str, help_text: str, read: Callable[[], Reading], labels: Sequence[str] = ()) -> None:
        """Ask `read` for the gauge's value whenever somebody scrapes; a failing `read` leaves the gauge out."""
        with self._lock:
            if name not in self._scraped:
                self._scraped.add(name)
                self._at_scrape.register(_ScrapeGauge(name, help_text, labels, self._unless_failing(read)))

    def _unless_failing(self, read: Callable[[], Reading]) -> Callable[[], Reading]:
        """Leave gauges alone for a moment after one failed: a dead database must not cost each its time-out."""

        def guarded() -> Reading:
            if time.monotonic() < self._failing_until:
                return None
            try:
                return read()
            except Exception as error:
                # A scrape must not fail because the database is down: that is when it is needed most.
                self._failing_until = time.monotonic() + FAILING_SECONDS
                log.warning("gauges not readable", error=type(error).__name__)
                return None

        return guarded

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        key = (method, route, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._durations.labels(self.service, method, route, str(status))
        child.observe(seconds)

    def render(self) -> bytes:
        """Return everything in the text format, of all processes of the service."""
        registry = self._registry
        if values.ValueClass._multiprocess:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(self._at_scrape)

    def _once(self, name: str, kind: type[MetricType], make: Callable[[], MetricType]) -> MetricType:
        with self._lock:
            metric = self._known.get(name)
            if metric is None:
                metric = self._known[name] = make()
        if not isinstance(metric, kind):
            raise TypeError(f"{name} is a {type(metric).__name__} already")
        return metric


class _ScrapeGauge(Collector):
    """Reads its value when it is collected."""

    def __init__(self, name: str, help_text: str, labels: Sequence[str], read: Callable[[], Reading]) -> None:
        self._name, self._help, self._labels, self._read = name, help_text, tuple(labels), read

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(self._name, self._help, labels=self._labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(self._name, self._help, labels=self._labels)
        reading = self._read()
        if isinstance(reading, Mapping):
            for label_values, value in reading.items():
                family.add_metric(label_values, value)
        elif reading is not None:
            family.add_metric((), reading)
        if family.samples:
            yield family
