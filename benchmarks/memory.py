"""How much memory does it take? `python -m benchmarks.memory`"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests
from launcher.ports import free_port
from smartticket_contracts.services import services_behind_the_gateway

from benchmarks import load
from benchmarks.create import requests_to
from benchmarks.machine import percentile, pss_mb
from benchmarks.report import Row, Table
from benchmarks.stored import posted
from tests.stack import ROOT, SERVICES, Stack, eventually

SERVICE_MB, EMBEDDED_MB, EMBEDDED_P99_MS = 220, 400, 150


def services(stack: Stack) -> list[Row]:
    """Weigh each service's processes after a load."""
    load.run(stack.url, requests_to(stack, "api-gateway"), clients=16, seconds=5)
    weights = {name: pss_mb(stack.tree(name)) for name in SERVICES}
    heaviest = max(weights.values())
    told = ", ".join(f"{name} {weight:.0f}" for name, weight in weights.items())
    return [Row("heaviest service (PSS)", f"{heaviest:.0f} MB", f"≤ {SERVICE_MB} MB", heaviest <= SERVICE_MB, told)]


@contextmanager
def embedded_system(
    folder: Path, settings: Mapping[str, str]
) -> Iterator[tuple[str, Callable[[], list[psutil.Process]]]]:
    """Start everything on one machine, as `make up` does; give its address and a function that finds its processes."""
    port = free_port()
    environment = {**os.environ, "SMARTTICKET_HOME": str(folder), "GATEWAY_PORT": str(port), **settings}
    environment |= {service.port_setting: str(free_port()) for service in services_behind_the_gateway()}
    program = str(Path(sys.executable).with_name("smart-ticket"))
    before = {process.pid for process in psutil.process_iter()}
    subprocess.run([program, "--home", str(folder), "up"], env=environment, cwd=ROOT, check=True, capture_output=True)
    url = f"http://127.0.0.1:{port}"

    def mine() -> list[psutil.Process]:
        return [each for each in psutil.process_iter() if each.pid not in before and _of(each, folder)]

    try:
        eventually(lambda: requests.get(f"{url}/api/health", timeout=5).json()["status"] == "healthy", seconds=60)
        yield url, mine
    finally:
        subprocess.run([program, "--home", str(folder), "down"], env=environment, cwd=ROOT, check=False)


def embedded(folder: Path) -> list[Row]:
    """Weigh everything on one machine; then the road's latency there."""
    # The local model's weight is another question (benchmarks.local_model).
    with embedded_system(folder, {"EMBEDDINGS_MODEL": "none"}) as (url, mine):

        def make(number: int) -> bytes:
            return load.request(url, "POST", "/api/tickets", {"Prefer": "wait=5"}, posted(number))

        load.run(url, make, clients=2, seconds=3, per_second=20)
        outcome = load.run(url, make, clients=8, seconds=15, per_second=20, keep=True)
        unrouted = sum(b'"department":null' in body for body in outcome.bodies)
        processes = mine()
        weight, p99 = pss_mb(processes), percentile(outcome.took, 0.99) * 1e3
        return [
            Row(
                "embedded, everything (PSS)",
                f"{weight:.0f} MB",
                f"≤ {EMBEDDED_MB} MB",
                weight <= EMBEDDED_MB,
                f"{len(processes)} processes, PostgreSQL among them",
            ),
            Row(
                "embedded, POST → department, 20/s, p99",
                f"{p99:.1f} ms",
                f"≤ {EMBEDDED_P99_MS} ms",
                p99 <= EMBEDDED_P99_MS,
                f"p50 {percentile(outcome.took, 0.5) * 1e3:.1f} ms, {unrouted} of {len(outcome.took)} unrouted",
            ),
        ]


def _of(process: psutil.Process, folder: Path) -> bool:
    """Tell whether a process belongs to the system in `folder`: it, or one above it, names the folder."""
    try:
        return any(str(folder) in " ".join(each.cmdline()) for each in (process, *process.parents()))
    except psutil.Error:
        return False


def main() -> Table:
    """Weigh both ways to run."""
    table = Table("Memory, and the road on one machine without a broker")
    with Stack(settings={"HTTP_WORKERS": "2"}) as stack:
        table.rows += services(stack)
    with tempfile.TemporaryDirectory(prefix="st-bench-") as folder:
        Path(folder).chmod(0o755)
        table.rows += embedded(Path(folder))
    return table


if __name__ == "__main__":
    main().show()
