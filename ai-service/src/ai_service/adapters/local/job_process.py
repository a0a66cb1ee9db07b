"""Runs one job of the classifier in a child process, because it takes a core for minutes."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from ai_service.adapters.child_process import lower_priority
from ai_service.adapters.time_limit import killed_after

MAX_STEP_CHARACTERS = 200
MAX_ERROR_CHARACTERS = 1_000
PREFIX = "job-"
SPARE_SECONDS = 300.0


@dataclass(frozen=True)
class JobLimits:
    """The time and the priority of a job."""

    seconds: float
    niceness: int
    """Of its process, 0–19."""


@contextmanager
def work_folder(encoder_folder: Path, seconds: float) -> Iterator[Path]:
    """Make a folder for a job of at most `seconds` beside the encoder's folder, and remove it afterwards.

    A temporary file system in memory may be too small for a company's texts. Folders of killed services are removed,
    too: they hold texts of tickets.
    """
    with suppress(OSError):
        for stale in encoder_folder.parent.glob(f"{PREFIX}*"):
            if time.time() - stale.stat().st_mtime > seconds + SPARE_SECONDS:
                rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=encoder_folder.parent) as name:
        yield Path(name)


def run_job(
    module: str, folder: Path, encoder_folder: Path, limits: JobLimits, step: Callable[[str], None]
) -> str | None:
    """Run a module on a folder; call `step` with each line it prints. Return the error, or None.

    An exception of `step` ends the process and is raised.
    """
    command = [sys.executable, "-m", module, str(folder), str(encoder_folder)]
    with (
        (folder / "errors").open("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
        ) as process,
    ):
        lower_priority(process, limits.niceness)
        with killed_after(limits.seconds, process) as timed_out:
            assert process.stdout is not None
            for line in process.stdout:
                step(line.strip()[:MAX_STEP_CHARACTERS])
            code = process.wait()
        if timed_out.is_set():
            return f"the job did not end within {limits.seconds:.0f} s"
        if code:
            errors.seek(0)
            # The last line names the error; the lines above it may quote a ticket.
            lines = errors.read().strip().splitlines()
            return f"the process ended with {code}: {lines[-1] if lines else 'without output'}"[:MAX_ERROR_CHARACTERS]
    return None
