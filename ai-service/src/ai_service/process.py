"""What the service's helping processes have in common: they are modest, and tell how far they are."""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PR_SET_PDEATHSIG = 1
PATIENCE = 10
"""How much nicer than the service's own processes: tickets come first."""


def lower_priority() -> None:
    """Give way to tickets, and end with the service that began this: without it nobody would take the result."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(PATIENCE)


def tell(step: str) -> None:
    """Say in one line what is done now."""
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread: a second one spins while it waits, and training took three times the CPU."""
    # Imported here: what only writes a file has no use for it.
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
