"""What a figure needs beside it: the machine, the CPU each process used, percentiles, medians of pairs."""

import contextlib
import os
import platform
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from tests.stack import Stack


def describe() -> str:
    """Name the machine."""
    model = "unknown CPU"
    with contextlib.suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), model)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    flushes = sorted(_flush_ms() for _ in range(200))
    flush = f"a flush p50 {percentile(flushes, 0.5):.1f}, p99 {percentile(flushes, 0.99):.1f} ms"
    return (
        f"{os.cpu_count()} cores ({model}), {psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.platform()}, "
        f"Python {platform.python_version()}, {flush}, load {load}"
    )


def _flush_ms() -> float:
    """Return how long a page takes to the disk, as each commit waits for it."""
    with tempfile.TemporaryFile(dir=Path(__file__).parent) as file:
        os.write(file.fileno(), b"x" * 8192)
        began = time.perf_counter()
        os.fdatasync(file.fileno())
        return 1e3 * (time.perf_counter() - began)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0–1) of the values don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median_ratio(pairs: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Return the median of ours / probe over interleaved pairs, and how far the ratios spread (largest / smallest)."""
    ratios = [ours / probe for ours, probe in pairs]
    return median(ratios), max(ratios) / min(ratios)


@dataclass
class CpuClock:
    """CPU seconds by name, of the services of a stack, PostgreSQL and RabbitMQ, since it was made."""

    stack: Stack
    began: dict[str, float] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)
    stolen_at: float = 0.0

    def __post_init__(self) -> None:
        self.began = self._now()
        self.stolen_at = _stolen()

    def stolen(self) -> str:
        """Say how much of the processors' time the host gave to others since; nothing explains a slow tail better."""
        had = (time.monotonic() - self.at) * (os.cpu_count() or 1)
        return f"{(_stolen() - self.stolen_at) / had:.0%} of the processors' time taken by the host"

    def used(self) -> dict[str, float]:
        """Return the CPU seconds used since."""
        return {name: value - self.began.get(name, 0.0) for name, value in self._now().items()}

    def _now(self) -> dict[str, float]:
        spent = {name: sum(map(_cpu, self.stack.tree(name))) for name in self.stack.services}
        # Sessions name their database; what writes for everybody counts too.
        spent["PostgreSQL"] = cpu_of_postgres(self.stack.name, "walwriter", "checkpointer", "background writer")
        spent["RabbitMQ"] = sum(_cpu(process) for process in _named("beam.smp"))
        return spent


def cpu_of_postgres(*titles: str) -> float:
    """Return the CPU seconds of PostgreSQL's processes with one of these in their titles; sessions name a database."""
    return sum(_cpu(each) for each in _named("postgres") if any(map(_title(each).__contains__, titles)))


def server_cpu() -> float:
    """Return the CPU seconds of the whole PostgreSQL server since its start, of ended sessions and other users too."""
    return sum(map(_cpu, _named("postgres")))


def pss_mb(processes: Iterable[psutil.Process]) -> float:
    """Return the proportional set size of processes, in MB: shared pages are counted once."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total / 1e6


def _stolen() -> float:
    """Return the seconds that a virtual machine's processors wanted to run and were not let, since it started."""
    return float(getattr(psutil.cpu_times(), "steal", 0.0))


def _named(name: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["name"]) if process.info["name"] == name]


def _title(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _cpu(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        # Of ended children only those that were waited for: PostgreSQL's sessions that came and went.
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0
