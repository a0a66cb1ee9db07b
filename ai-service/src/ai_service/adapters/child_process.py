"""Set-up of the service's child processes: low priority, one thread, progress on standard output."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

PR_SET_PDEATHSIG = 1


def lower_priority(process: "subprocess.Popen[Any]", niceness: int) -> None:
    """Set the niceness of a child process that was just started; it is never lower than the service's own."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(OSError):  # It may have ended.
        os.setpriority(os.PRIO_PROCESS, process.pid, max(own, niceness))


def end_with_parent() -> None:
    """Have this process killed with its parent, which would have used its result."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


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
