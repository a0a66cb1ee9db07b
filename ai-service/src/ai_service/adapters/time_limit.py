"""A time limit for a child process."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def killed_after(seconds: float, process: "subprocess.Popen[Any]") -> Iterator[threading.Event]:
    """Kill the process when the time is over, which sets the yielded flag, or when the block raises."""
    timed_out = threading.Event()

    def stop() -> None:
        timed_out.set()
        process.kill()

    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        yield timed_out
    except BaseException:
        process.kill()
        raise
    finally:
        timer.cancel()
