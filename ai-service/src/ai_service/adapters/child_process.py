"""Set-up of the service's child processes: low priority, one thread, progress on standard output."""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PR_SET_PDEATHSIG = 1
NICENESS = 10
"""Added to the service's own: categorizing tickets has priority."""


def lower_priority() -> None:
    """Lower this process's priority, and have it killed with its parent, which would have used its result."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICENESS)


def report_step(step: str) -> None:
    """Print the current step as one line for the parent process."""
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit linear algebra to one thread: a second one spins while it waits, and training took three times the CPU."""
    # Imported here: a process that only writes a file doesn't need it.
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
