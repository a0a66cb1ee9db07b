"""Tasks that repeat in the background, in one thread that begins with the first request that needs them."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service_kit.telemetry.logs import get_logger

RETRY_SECONDS = 1.0
CLOSE_SECONDS = 2.0

log = get_logger(__name__)


@dataclass
class Task:
    """A function that runs every `seconds`; after a failure, again after RETRY_SECONDS at most."""

    name: str
    seconds: float
    run: Callable[[], None]
    due: float = 0.0
    failing: bool = False


class Background:
    """Runs tasks until it is closed. Not started in `__init__`: threads don't survive the server's fork."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = tasks
        self._closed = threading.Event()
        self._first_round = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def begin(self, wait_seconds: float) -> None:
        """Start the thread if it isn't running, and wait for the first round of all tasks."""
        if self._first_round.is_set():
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gateway-background", daemon=True)
                self._thread.start()
        self._first_round.wait(wait_seconds)

    def close(self) -> None:
        """Stop after the current task, which may need a connection that is closed next."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while not self._closed.is_set():
            for task in self._tasks:
                if time.monotonic() >= task.due:
                    _run_once(task)
            self._first_round.set()
            self._closed.wait(max(min(task.due for task in self._tasks) - time.monotonic(), 0.01))


def _run_once(task: Task) -> None:
    wait = task.seconds
    try:
        task.run()
        if task.failing:
            log.info("background task works again", task=task.name)
        task.failing = False
    except Exception as error:
        # Whatever fails, the copy of before stays in use, and the next run may succeed.
        wait = min(task.seconds, RETRY_SECONDS)
        if not task.failing:
            log.warning("background task fails", task=task.name, reason=str(error) or type(error).__name__)
        task.failing = True
    task.due = time.monotonic() + wait
