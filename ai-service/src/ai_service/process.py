"""Functions for the service's child processes: low priority, progress on stdout, one thread for linear algebra."""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PR_SET_PDEATHSIG = 1
NICENESS = 10
"""Added to the niceness of the service's own processes, which handle tickets."""


def lower_priority() -> None:
    """Lower this process's CPU priority, and end it with its parent, the only process that uses its result."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICENESS)


def report_step(step: str) -> None:
    """Write the current step as a line to stdout, which the parent process reads."""
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit linear algebra to one thread: a second one spins while it waits, and training took three times the CPU."""
    # Imported here, because processes that only write files don't need it.
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
