"""Collects the metrics of the gateway and of every replica of every service."""

import contextlib
import http.client
import os
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import CONTENT_TYPE, Metrics

from api_gateway.fan_out import ParallelCalls
from api_gateway.messages import Request, Response
from api_gateway.settings import NAME
from api_gateway.upstreams import Upstream, Upstreams

REPLICA_SECONDS = 3.0
"""A replica that has answered every route in every way has a page of some megabytes; Prometheus waits ten seconds."""
NAMES_SECONDS = 1.0
MAX_PAGE_BYTES = 8 * 1024 * 1024

log = get_logger(__name__)

_SAMPLE = re.compile(r"[A-Za-z_:][\w:]*(?:\{.*\})? \S+(?: -?\d+)?", re.ASCII)
_HAS_SERVICE = re.compile(r'[{,]service="')


class Block(NamedTuple):
    """A metric on a page: its name, type and lines."""

    name: str
    kind: str
    help_line: str
    samples: list[str]


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
        self._pages: ParallelCalls[Replica, list[Block]] = ParallelCalls(_fetch, threads=16, name="metrics")

    def show(self, _request: Request) -> Response:
        """Show everything in Prometheus' text format, labelled by service and instance."""
        merged = MergedPages()
        own = blocks_of(self._metrics.render().decode())
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


@dataclass
class Family:
    """The lines of one metric, of all replicas: the text format requires them in one block."""

    help_line: str
    kind: str
    samples: list[str] = field(default_factory=list)


class MergedPages:
    """The pages of all replicas as one page.

    Lines are copied and not parsed into values: a page has a series per route, status and bucket, and parsing those of
    all replicas takes seconds.
    """

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}
        self._up: list[str] = []

    def add(self, replica: Replica, page: Sequence[Block], *, instance: str) -> None:
        """Add the metrics of one replica, each with its service and instance."""
        labels = f'instance="{instance}",service="{replica.service}"'
        for block in page:
            known = self._families.setdefault(block.name, Family(block.help_line, block.kind))
            if known.kind != block.kind:
                log.warning("metric of two types", metric=block.name, service=replica.service)
                continue
            known.samples += [_labelled(sample, labels, instance) for sample in block.samples]
        self._up.append(f"up{{{labels}}} 1.0")

    def down(self, replica: Replica) -> None:
        """Note that a replica didn't answer."""
        self._up.append(f'up{{instance="{replica.instance}",service="{replica.service}"}} 0.0')

    def render(self) -> bytes:
        """Return the page."""
        lines = ["# HELP up Whether the replica answered.", "# TYPE up gauge", *self._up]
        for name, family in self._families.items():
            lines += [family.help_line] if family.help_line else []
            lines += [f"# TYPE {name} {family.kind}", *family.samples]
        return ("\n".join(lines) + "\n").encode()


def blocks_of(page: str) -> list[Block]:
    """Return the metrics of a page in Prometheus' text format; raise ValueError for a page that is none."""
    found: list[Block] = []
    help_line = ""
    for line in filter(None, page.splitlines()):
        if line.startswith("# HELP "):
            help_line = line
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            found.append(Block(name, kind, help_line, []))
            help_line = ""
        elif not line.startswith("#"):
            if not _SAMPLE.fullmatch(line) or not found:
                raise ValueError("not a page of metrics")
            found[-1].samples.append(line)
    return found


def _labelled(sample: str, labels: str, instance: str) -> str:
    """Return a sample with these labels before its own; a `service` of its own stays."""
    name, brace, rest = sample.partition("{")
    if not brace:
        name, _, value = sample.partition(" ")
        return f"{name}{{{labels}}} {value}"
    if _HAS_SERVICE.search(sample):
        labels = f'instance="{instance}"'
    return f"{name}{{{labels},{rest}"


def _configured(upstream: Upstream) -> Replica:
    parts = urlsplit(upstream.url)
    return Replica(upstream.name, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


def _fetch(replica: Replica) -> list[Block]:
    connection = http.client.HTTPConnection(replica.host, replica.port, timeout=REPLICA_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics")
        response = connection.getresponse()
        body = response.read(MAX_PAGE_BYTES)
        if response.status != 200:
            raise http.client.HTTPException(f"answers {response.status}")
    return blocks_of(body.decode())
