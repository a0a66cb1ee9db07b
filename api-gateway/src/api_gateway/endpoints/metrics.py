"""Collects the metrics of the gateway and of every replica of every service."""

import contextlib
import http.client
import os
import socket
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import CONTENT_TYPE, Metrics

from api_gateway.fan_out import ParallelCalls
from api_gateway.messages import Request, Response
from api_gateway.settings import NAME
from api_gateway.upstreams import Upstream, Upstreams

REPLICA_SECONDS = 1.0
NAMES_SECONDS = 1.0
MAX_PAGE_BYTES = 8 * 1024 * 1024

log = get_logger(__name__)


class Replica(NamedTuple):
    """One process or container of a service."""

    service: str
    host: str
    port: int

    @property
    def instance(self) -> str:
        """Return the value of the `instance` label."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class SystemMetrics:
    """`/metrics`."""

    def __init__(self, metrics: Metrics, upstreams: Upstreams) -> None:
        self._metrics = metrics
        self._upstreams = upstreams
        self._names: ParallelCalls[str, list[Replica]] = ParallelCalls(self._replicas, threads=8, name="names")
        self._pages: ParallelCalls[Replica, list[Metric]] = ParallelCalls(_families, threads=16, name="metrics")

    def show(self, _request: Request) -> Response:
        """Show everything in Prometheus' text format, labelled by service and instance."""
        merged = MergedFamilies()
        own = text_string_to_metric_families(self._metrics.render().decode())
        merged.add(Replica(NAME, f"{socket.gethostname()}-{os.getpid()}", 0), own, instance=socket.gethostname())
        names = self._names.run([upstream.name for upstream in self._upstreams], NAMES_SECONDS)
        replicas: list[Replica] = []
        for upstream in self._upstreams:
            found = names[upstream.name]
            if isinstance(found, list) and found:
                replicas += found
            else:
                merged.down(_configured(upstream))
        for replica, page in self._pages.run(replicas, REPLICA_SECONDS).items():
            if isinstance(page, list):
                merged.add(replica, page, instance=replica.instance)
            else:
                log.info("replica without metrics", upstream=replica.service, instance=replica.instance)
                merged.down(replica)
        return Response(200, [("Content-Type", CONTENT_TYPE)], merged.render())

    def _replicas(self, service: str) -> list[Replica]:
        """Resolve a service's name to the addresses of its replicas."""
        configured = _configured(self._upstreams[service])
        found = socket.getaddrinfo(configured.host, configured.port, type=socket.SOCK_STREAM)
        # A replica with addresses of both kinds would be counted twice.
        wanted = socket.AF_INET if any(family == socket.AF_INET for family, *_ in found) else socket.AF_INET6
        addresses = dict.fromkeys((str(at[0]), int(at[1])) for family, *_, at in found if family == wanted)
        return [Replica(service, host, port) for host, port in addresses]


class MergedFamilies(Collector):
    """Metric families of all replicas, merged: the text format requires the samples of a family in one block."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {}
        self._up = Metric("up", "Whether the replica answered.", "gauge")

    def add(self, replica: Replica, families: Iterable[Metric], *, instance: str) -> None:
        """Add the metrics of one replica."""
        for family in families:
            known = self._families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            if known.type != family.type:
                log.warning("metric of two types", metric=family.name, service=replica.service)
                continue
            known.samples += [_labelled(sample, replica.service, instance) for sample in family.samples]
        self._up.add_sample("up", {"service": replica.service, "instance": instance}, 1)

    def down(self, replica: Replica) -> None:
        """Note that a replica didn't answer."""
        self._up.add_sample("up", {"service": replica.service, "instance": replica.instance}, 0)

    def collect(self) -> Iterator[Metric]:
        """Yield all families."""
        yield self._up
        yield from self._families.values()

    def render(self) -> bytes:
        """Return the text."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def describe(self) -> Iterator[Metric]:
        """Return nothing: the families are known only after a scrape."""
        return iter(())


def _labelled(sample: Sample, service: str, instance: str) -> Sample:
    return sample._replace(labels={"service": service, "instance": instance} | sample.labels)


def _configured(upstream: Upstream) -> Replica:
    parts = urlsplit(upstream.url)
    return Replica(upstream.name, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


def _families(replica: Replica) -> list[Metric]:
    return list(text_string_to_metric_families(_fetch(replica)))


def _fetch(replica: Replica) -> str:
    connection = http.client.HTTPConnection(replica.host, replica.port, timeout=REPLICA_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics")
        response = connection.getresponse()
        body = response.read(MAX_PAGE_BYTES)
        if response.status != 200:
            raise http.client.HTTPException(f"answers {response.status}")
    return body.decode()
