"""Runs one service: `python src/app.py`. Only this module reads the environment and handles signals.

Role `http` runs gunicorn, `worker` runs the consumers and the relay. `both` runs both under a small supervisor that
exits when either exits, so that the container is restarted. A service with `one_process` runs both in one process.
"""

import ctypes
import gc
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from socket import socket
from types import FrameType, ModuleType
from typing import Any, NoReturn

import orjson
import sqlalchemy.exc
from prometheus_client import values

from service_kit.database.engine import Database
from service_kit.database.roles import UnsafeRole
from service_kit.http.server import PortTaken, http_processes, http_server, listen
from service_kit.messaging.publish.wakeup import unbind_all
from service_kit.process_folder import make_process_folder
from service_kit.service_settings import ServiceSettings
from service_kit.settings import BadSettings
from service_kit.telemetry.logs import configure_logging, get_logger
from service_kit.telemetry.metrics import Metrics

KILL_AFTER_SECONDS = 25
STATUS_PERIOD_SECONDS = 1.0
STATUS_THREADS = 4
MAX_SILENCE_SECONDS = 10.0
WAIT_PERIOD_SECONDS = 0.1
PR_SET_PDEATHSIG = 1

log = get_logger(__name__)


def main(service: ModuleType) -> NoReturn:
    """Run the service of the module `service.py` until a signal or a failure. Exits with 2 for invalid settings."""
    try:
        settings: ServiceSettings = service.read_settings(os.environ)
        listeners = [listen(settings.host, port) for port in (settings.port, *getattr(settings, "more_ports", ()))]
    except BadSettings as error:
        _refuse(service, error.faults)
    except PortTaken as error:
        _refuse(service, [str(error)])
    configure_logging(settings.log_level, service=settings.service)
    consumes = hasattr(service, "subscriptions")
    if consumes:
        _refuse_unsafe_role(service, settings)
    role = settings.role if consumes else "http"
    folder = make_process_folder(Path(settings.runtime_dir), settings.service)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    log.info("starting", role=role, host=settings.host, port=listeners[0].getsockname()[1], bus=settings.bus)
    status_file = folder / "worker.json"
    tasks: dict[str, Callable[[], None]] = {}
    if consumes and getattr(settings, "one_process", False):
        tasks["both"] = lambda: _run_one_process(service, settings, listeners)
    elif role != "worker":
        tasks["http"] = lambda: _run_http(service, settings, listeners, status_file if role == "both" else None)
    if role != "http" and not tasks.get("both"):
        tasks["worker"] = lambda: _run_worker(service, settings, listeners if role == "worker" else [], status_file)
    try:
        if hasattr(service, "load"):
            service.load(settings)  # loads large libraries once, for all processes
        # Frozen objects stay in memory pages that the forked processes share; the collector would write to them.
        gc.collect()
        gc.freeze()
        code = _supervise(tasks, listeners)
    except BadSettings as error:
        _refuse(service, error.faults)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    log.info("ended", code=code)
    sys.exit(code)


def _refuse(service: ModuleType, faults: list[str]) -> NoReturn:
    for fault in faults:
        sys.stderr.write(f"{service.NAME}: {fault}\n")
    sys.exit(2)


def _refuse_unsafe_role(service: ModuleType, settings: ServiceSettings) -> None:
    """Exit where row-level security doesn't bind the role; where the database is down, /ready checks it later."""
    database = Database(settings.database_url, schema=service.SCHEMA, relay_url=settings.relay_database_url)
    try:
        database.check_role()
    except UnsafeRole as error:
        _refuse(service, [str(error)])
    except (sqlalchemy.exc.OperationalError, sqlalchemy.exc.TimeoutError):
        log.warning("database not reachable yet")
    finally:
        database.dispose()


def _supervise(tasks: Mapping[str, Callable[[], None]], listeners: list[socket]) -> int:
    """Run each task in a process of its own; stop all after the first exit or a signal. Return the exit code."""
    children = {_fork(task): name for name, task in tasks.items()}
    for listener in listeners:
        listener.close()
    code, deadline = 0, 0.0

    def stop(_number: int = 0, _frame: FrameType | None = None) -> None:
        nonlocal deadline
        if not deadline:
            deadline = time.monotonic() + KILL_AFTER_SECONDS
            _signal_all(children, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid in children:
            name, ended = children.pop(pid), os.waitstatus_to_exitcode(status)
            if not deadline:
                log.error("process ended by itself; stopping all", process=name, code=ended)
                code = ended if ended > 0 else 1
                stop()
        elif deadline and time.monotonic() > deadline:
            log.error("processes did not end in time; killing them", processes=sorted(children.values()))
            _signal_all(children, signal.SIGKILL)
            code, deadline = 1, time.monotonic() + KILL_AFTER_SECONDS
        else:
            time.sleep(WAIT_PERIOD_SECONDS)
    return code


def _signal_all(children: Mapping[int, str], number: int) -> None:
    for pid in list(children):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _fork(task: Callable[[], None]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        # A terminal sends SIGINT to all processes; the supervisor sends SIGTERM to its children.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _exit_with_parent(parent)
        task()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:
        log.critical("process failed", exc_info=error)
    finally:
        unbind_all()  # os._exit skips atexit functions
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _exit_with_parent(parent: int) -> None:
    """Let Linux end this process with its parent, so that no orphan keeps the port."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _run_http(
    service: ModuleType, settings: ServiceSettings, listeners: list[socket], status_file: Path | None
) -> None:
    def make_app() -> Any:
        status = (lambda: read_status(status_file)) if status_file else None
        return service.create_app(settings, metrics=Metrics(settings.service), worker_status=status)

    http_processes(settings, listeners, make_app).run()


def _run_one_process(service: ModuleType, settings: ServiceSettings, listeners: list[socket]) -> None:
    """Serve and consume in one process, for a service whose resources can have only one owner."""
    from service_kit.messaging.worker import build_worker

    workers: list[Any] = []

    def make_app() -> Any:
        metrics = Metrics(settings.service)
        workers.append(build_worker(service, settings, metrics))
        workers[0].start()
        return service.create_app(settings, metrics=metrics, worker_status=workers[0].status)

    def on_exit() -> None:
        for worker in workers:
            worker.stop(settings.graceful_seconds)

    http_processes(replace(settings, http_workers=1), listeners, make_app, on_exit).run()


def _run_worker(service: ModuleType, settings: ServiceSettings, listeners: list[socket], status_file: Path) -> None:
    from service_kit.messaging.worker import build_worker

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    metrics = Metrics(settings.service)
    worker = build_worker(service, settings, metrics)
    worker.start()
    if listeners:
        _serve_status(service, settings, metrics, worker.status, listeners[0])
    while not stop.wait(STATUS_PERIOD_SECONDS):
        write_status(status_file, worker.status())
    worker.stop(settings.graceful_seconds)


def _serve_status(
    service: ModuleType, settings: ServiceSettings, metrics: Metrics, status: Callable[[], Any], listener: socket
) -> None:
    """Serve /health, /ready and /metrics in a process without other routes."""
    from http_server.server import run_in_thread

    from service_kit.http.app import service_app

    database = Database(settings.database_url, schema=service.SCHEMA, relay_url=settings.relay_database_url)
    app = service_app(settings, database, [], metrics=metrics, worker_status=status)
    run_in_thread(
        http_server(settings, [listener], app, threads=STATUS_THREADS, graceful_seconds=STATUS_PERIOD_SECONDS), "status"
    )


def write_status(path: Path, status: Mapping[str, Any]) -> None:
    """Write the worker's status to the file that the HTTP processes read."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(orjson.dumps({"at": time.time(), "checks": status}))
    draft.replace(path)


def read_status(path: Path) -> Mapping[str, Any]:
    """Return the worker's last status, or a failed check where it is missing or too old."""
    try:
        written = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {"worker": {"ok": False, "reason": "the worker has not started yet"}}
    age_seconds = time.time() - written["at"]
    if age_seconds > MAX_SILENCE_SECONDS:
        return {"worker": {"ok": False, "reason": f"no status from the worker for {age_seconds:.0f} s"}}
    checks: Mapping[str, Any] = written["checks"]
    return checks
