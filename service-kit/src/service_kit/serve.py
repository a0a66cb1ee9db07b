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
from types import FrameType
from typing import Any, NoReturn

import sqlalchemy.exc
from http_server.gunicorn_app import Server
from http_server.server import HttpServer, run_in_thread
from prometheus_client import multiprocess, values

from service_kit.database.engine import Database
from service_kit.database.roles import UnsafeRole
from service_kit.exit_hooks import run_exit_hooks
from service_kit.http.server import PortTaken, limits_of, listen
from service_kit.process_folder import make_process_folder
from service_kit.runnable import RunnableService
from service_kit.service_settings import ServiceSettings
from service_kit.settings import BadSettings
from service_kit.telemetry.logs import configure_logging, get_logger
from service_kit.worker_status import read_status, write_status

KILL_AFTER_SECONDS = 25
STATUS_PERIOD_SECONDS = 1.0
STATUS_THREADS = 4
WAIT_PERIOD_SECONDS = 0.1
PR_SET_PDEATHSIG = 1

log = get_logger(__name__)


def main(service: RunnableService[Any]) -> NoReturn:
    """Run a service until a signal or a failure. Exits with 2 for invalid settings."""
    try:
        settings: ServiceSettings = service.read_settings(os.environ)
        listeners = [listen(settings.host, port) for port in (settings.port, *settings.more_ports)]
    except BadSettings as error:
        _refuse(service, error.faults)
    except PortTaken as error:
        _refuse(service, [str(error)])
    configure_logging(settings.log_level, service=settings.service)
    if service.schema is not None:
        _refuse_unsafe_role(service, settings)
    role = settings.role if service.schema is not None else "http"
    folder = make_process_folder(Path(settings.runtime_dir), settings.service)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    log.info("starting", role=role, host=settings.host, port=listeners[0].getsockname()[1], bus=settings.bus)
    try:
        service.load(settings)  # once, for all processes
        # Frozen objects stay in memory pages that the forked processes share; the collector would write to them.
        gc.collect()
        gc.freeze()
        code = _supervise(_tasks(service, settings, listeners, role, folder / "worker.json"), listeners)
    except BadSettings as error:
        _refuse(service, error.faults)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    log.info("ended", code=code)
    sys.exit(code)


def _tasks(
    service: RunnableService[Any], settings: ServiceSettings, listeners: list[socket], role: str, status_file: Path
) -> dict[str, Callable[[], None]]:
    """Return what each of the service's processes does, by name."""
    if settings.one_process:
        return {"both": lambda: _run_http(service, replace(settings, http_workers=1), listeners)}
    tasks: dict[str, Callable[[], None]] = {}
    if role != "worker":
        tasks["http"] = lambda: _run_http(service, settings, listeners, status_file if role == "both" else None)
    if role != "http":
        tasks["worker"] = lambda: _run_worker(service, settings, listeners if role == "worker" else [], status_file)
    return tasks


def _refuse(service: RunnableService[Any], faults: list[str]) -> NoReturn:
    for fault in faults:
        sys.stderr.write(f"{service.name}: {fault}\n")
    sys.exit(2)


def _refuse_unsafe_role(service: RunnableService[Any], settings: ServiceSettings) -> None:
    """Exit where row-level security doesn't bind the role; where the database is down, /ready checks it later."""
    database = Database(settings.database_url, schema=service.schema or "", relay_url=settings.relay_database_url)
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
        run_exit_hooks()  # os._exit skips those of atexit
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
    service: RunnableService[Any], settings: ServiceSettings, listeners: list[socket], status_file: Path | None = None
) -> None:
    """Serve; where one process must do both, consume in it, too. `status_file` has the status of another's worker."""
    workers: list[Any] = []

    def make_app() -> Any:
        process = service.instance(settings, with_worker=settings.one_process)
        if not settings.one_process:
            return process.create_app((lambda: read_status(status_file)) if status_file else None)
        workers.append(process.create_worker())
        workers[0].start()
        return process.create_app(workers[0].status)

    def on_exit(_arbiter: Any, _process: Any) -> None:
        for worker in workers:
            worker.stop(settings.graceful_seconds)

    Server(
        listeners,
        make_app,
        workers=settings.http_workers,
        threads=settings.http_threads,
        limits=limits_of(settings),
        graceful_seconds=settings.graceful_seconds,
        drain_seconds=settings.drain_seconds,
        hooks={"child_exit": _mark_process_dead, "worker_exit": on_exit},
    ).run()


def _mark_process_dead(_arbiter: Any, process: Any) -> None:
    """Remove the gauges of an ended HTTP process; its counters stay."""
    multiprocess.mark_process_dead(process.pid)  # type: ignore[no-untyped-call]


def _run_worker(
    service: RunnableService[Any], settings: ServiceSettings, listeners: list[socket], status_file: Path
) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    process = service.instance(settings)
    worker = process.create_worker()
    worker.start()
    if listeners:
        server = HttpServer(
            process.create_status_app(worker.status),
            [listeners[0]],
            threads=STATUS_THREADS,
            limits=limits_of(settings),
            graceful_seconds=STATUS_PERIOD_SECONDS,
        )
        run_in_thread(server, "status")
    while not stop.wait(STATUS_PERIOD_SECONDS):
        write_status(status_file, worker.status())
    worker.stop(settings.graceful_seconds)
