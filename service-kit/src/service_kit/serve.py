"""Runs one service: `python src/app.py`. The only place that reads the environment and handles signals.

Role `http` is gunicorn, `worker` the consumers and the relay, `both` is both under one small supervisor that ends when
either ends, so that whoever restarts containers sees it; a service with `one_process` does both in one.
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

KILL_SECONDS = 25
STATUS_SECONDS = 1.0
STATUS_THREADS = 4
SILENCE_SECONDS = 10.0
WATCH_SECONDS = 0.1
PR_SET_PDEATHSIG = 1

log = get_logger(__name__)


def main(service: ModuleType) -> NoReturn:
    """Run the service whose `service.py` this is, until it ends or is told to. Exits 2 where it can't be started."""
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
        tasks["both"] = lambda: _run_together(service, settings, listeners)
    elif role != "worker":
        tasks["http"] = lambda: _run_http(service, settings, listeners, status_file if role == "both" else None)
    if role != "http" and not tasks.get("both"):
        tasks["worker"] = lambda: _run_worker(service, settings, listeners if role == "worker" else [], status_file)
    try:
        if hasattr(service, "load"):
            service.load(settings)  # heavy libraries: once, for all processes
        # What was imported so far stays shared between the processes only as long as the collector doesn't touch it.
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
    """Stop where row-level security would not hold; a database that is down is looked at again by /ready."""
    database = Database(settings.database_url, schema=service.SCHEMA, relay_url=settings.relay_database_url)
    try:
        database.check_role()
    except UnsafeRole as error:
        _refuse(service, [str(error)])
    except (sqlalchemy.exc.OperationalError, sqlalchemy.exc.TimeoutError):
        log.warning("database not there yet")
    finally:
        database.dispose()


def _supervise(tasks: Mapping[str, Callable[[], None]], listeners: list[socket]) -> int:
    """Run each task in a process of its own; when one ends, or a signal comes, end all. Return the exit code."""
    children = {_fork(task): name for name, task in tasks.items()}
    for listener in listeners:
        listener.close()
    code, deadline = 0, 0.0

    def stop(_number: int = 0, _frame: FrameType | None = None) -> None:
        nonlocal deadline
        if not deadline:
            deadline = time.monotonic() + KILL_SECONDS
            _send(children, signal.SIGTERM)

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
            _send(children, signal.SIGKILL)
            code, deadline = 1, time.monotonic() + KILL_SECONDS
        else:
            time.sleep(WATCH_SECONDS)
    return code


def _send(children: Mapping[int, str], number: int) -> None:
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
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the supervisor passes it on
        _die_with(parent)
        task()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:
        log.critical("process failed", exc_info=error)
    finally:
        unbind_all()  # os._exit leaves no time for what is registered with atexit
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_with(parent: int) -> None:
    """Ask Linux to end this process when its parent is killed, so that no orphan keeps the port."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _run_http(
    service: ModuleType, settings: ServiceSettings, listeners: list[socket], status_file: Path | None
) -> None:
    def make_app() -> Any:
        told = (lambda: read_status(status_file)) if status_file else None
        return service.create_app(settings, metrics=Metrics(settings.service), worker_status=told)

    http_processes(settings, listeners, make_app).run()


def _run_together(service: ModuleType, settings: ServiceSettings, listeners: list[socket]) -> None:
    """Serve and consume in one process, for a service whose parts can have only one owner."""
    from service_kit.messaging.worker import build_worker

    workers: list[Any] = []

    def make_app() -> Any:
        metrics = Metrics(settings.service)
        workers.append(build_worker(service, settings, metrics))
        workers[0].start()
        return service.create_app(settings, metrics=metrics, worker_status=workers[0].status)

    def at_end() -> None:
        for worker in workers:
            worker.stop(settings.graceful_seconds)

    http_processes(replace(settings, http_workers=1), listeners, make_app, at_end).run()


def _run_worker(service: ModuleType, settings: ServiceSettings, listeners: list[socket], status_file: Path) -> None:
    from service_kit.messaging.worker import build_worker

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    metrics = Metrics(settings.service)
    worker = build_worker(service, settings, metrics)
    worker.start()
    if listeners:
        _serve_status(service, settings, metrics, worker.status, listeners[0])
    while not stop.wait(STATUS_SECONDS):
        write_status(status_file, worker.status())
    worker.stop(settings.graceful_seconds)


def _serve_status(
    service: ModuleType, settings: ServiceSettings, metrics: Metrics, status: Callable[[], Any], listener: socket
) -> None:
    """Answer /health, /ready and /metrics of a process that serves nothing else."""
    from http_server.server import run_in_thread

    from service_kit.http.app import service_app

    database = Database(settings.database_url, schema=service.SCHEMA, relay_url=settings.relay_database_url)
    app = service_app(settings, database, [], metrics=metrics, worker_status=status)
    run_in_thread(
        http_server(settings, [listener], app, threads=STATUS_THREADS, graceful_seconds=STATUS_SECONDS), "status"
    )


def write_status(path: Path, status: Mapping[str, Any]) -> None:
    """Leave the worker's status where the HTTP processes find it."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(orjson.dumps({"at": time.time(), "checks": status}))
    draft.replace(path)


def read_status(path: Path) -> Mapping[str, Any]:
    """Return what the worker said last, or that it said nothing for too long."""
    try:
        told = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {"worker": {"ok": False, "reason": "the worker has not started yet"}}
    silent = time.time() - told["at"]
    if silent > SILENCE_SECONDS:
        return {"worker": {"ok": False, "reason": f"no sign of life from the worker for {silent:.0f} s"}}
    checks: Mapping[str, Any] = told["checks"]
    return checks
