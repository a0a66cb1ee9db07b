"""HTTP processes under gunicorn: it forks and monitors them and forwards signals; `HttpServer` serves."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from http_server.limits import Limits
from http_server.server import HttpServer, new_event_loop

PROPAGATE: dict[str, Any] = {
    "incremental": True,
    "root": {},
    "handlers": {},
    "loggers": {"gunicorn.error": {"propagate": True}},
}
"""gunicorn's own log goes to the process's root logger, whose handlers stay as they are."""


class Server(BaseApplication):
    """The HTTP processes of one service."""

    def __init__(
        self,
        listeners: Sequence[socket.socket],
        make_application: Callable[[], Any],
        *,
        workers: int,
        threads: int,
        limits: Limits,
        graceful_seconds: float,
        hooks: Mapping[str, Callable[..., None]],
        drain_seconds: float = 0.0,
    ) -> None:
        """`make_application` runs in each process after the fork; `hooks` are gunicorn's, such as child_exit."""
        self._listeners, self._make_application = listeners, make_application
        self._workers, self._threads, self._graceful_seconds = workers, threads, graceful_seconds
        self._hooks = hooks
        self.limits, self.drain_seconds = limits, drain_seconds
        super().__init__()  # type: ignore[no-untyped-call]

    def load_config(self) -> None:
        """Set the options that differ from gunicorn's defaults."""
        for name, value in {
            "bind": [f"fd://{listener.detach()}" for listener in self._listeners],
            "workers": self._workers,
            "threads": self._threads,
            "worker_class": EventLoopWorker,
            "graceful_timeout": self._graceful_seconds,
            "timeout": 60,
            "loglevel": "warning",
            "errorlog": None,
            "logconfig_dict": PROPAGATE,
            "when_ready": end_unready_workers,
            "control_socket_disable": True,
            **self._hooks,
        }.items():
            self.cfg.set(name, value)  # type: ignore[union-attr]

    def load(self) -> Any:
        """Return the application; gunicorn calls this in each forked process."""
        return self._make_application()

    def run(self) -> None:
        """Serve until a signal ends the process."""
        Arbiter(self).run()  # type: ignore[no-untyped-call]


def end_unready_workers(arbiter: Arbiter) -> None:
    """Let a SIGTERM end a new process that has no handlers of its own yet. A hook: gunicorn calls it once.

    A new process inherits the arbiter's handler, which would only queue the signal, and the arbiter sends it once.
    """
    stop_arbiter: Any = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        if os.getpid() == arbiter.pid:
            stop_arbiter(number, frame)
        else:
            os._exit(0)

    signal.signal(signal.SIGTERM, stop)


class EventLoopWorker(Worker):
    """One HTTP process: an event loop and threads."""

    def run(self) -> None:
        """Serve until SIGTERM, or until the parent process has ended."""
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = HttpServer(
            self.wsgi,
            [listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            limits=self.app.limits,
            graceful_seconds=self.cfg.graceful_timeout,
            drain_seconds=self.app.drain_seconds,
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
        if not self.alive:
            return
        await server.serve(self._tick)
        sys.stdout.flush()

    def _tick(self) -> bool:
        """Send the arbiter a heartbeat; return False where the arbiter has ended."""
        self.notify()  # type: ignore[no-untyped-call]
        return bool(self.alive and self.ppid == os.getppid())
