"""Runs one job of the classifier as a process of its own, because it takes a core for minutes."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

LONGEST_STEP = 200
LONGEST_ERROR = 1_000
PREFIX = "job-"
SPARE_SECONDS = 300.0


@contextmanager
def work_folder(encoder_folder: Path, seconds: float) -> Iterator[Path]:
    """Make a folder for a job of at most so many seconds, beside the encoder's, and remove it afterwards.

    There, because a company's texts may be more than a small temporary file system in memory holds. What a killed
    service left behind is removed too: it holds texts of tickets.
    """
    with suppress(OSError):
        for left in encoder_folder.parent.glob(f"{PREFIX}*"):
            if time.time() - left.stat().st_mtime > seconds + SPARE_SECONDS:
                rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=encoder_folder.parent) as name:
        yield Path(name)


def run_job(module: str, folder: Path, encoder_folder: Path, seconds: float, step: Callable[[str], None]) -> str | None:
    """Run a module on a folder, telling each line it prints as a step; return what went wrong, None where nothing did.

    Raises what `step` raises, after the process was ended.
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
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                step(line.strip()[:LONGEST_STEP])
            code = process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()
        if late.is_set():
            return f"it did not end within {seconds:.0f} s"
        if code:
            errors.seek(0)
            # The last line names the error; what stands above may quote a ticket.
            lines = errors.read().strip().splitlines()
            return f"the process ended with {code}: {lines[-1] if lines else 'it said nothing'}"[:LONGEST_ERROR]
    return None
