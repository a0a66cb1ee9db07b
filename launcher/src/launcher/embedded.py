"""The whole system in one process: every service on its own port in its own threads, workers as threads."""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from http_server.server import HttpServer, run_in_thread
from init_db.main import initialise
from service_kit.http.server import limits_of, listen
from service_kit.runnable import RunnableService

from launcher import embedded_settings
from launcher.data_directory import DataDirectory
from launcher.postgres import EmbeddedPostgres
from launcher.services import SERVICES
from launcher.start_errors import naming, read_all

ROLE_PREFIX = "smartticket"
STOP_SECONDS = 5
MAX_THREADS = 32
"""Per service. More threads in one process would mostly wait for the interpreter lock."""


class Embedded:
    """Starts and stops all services; `run` blocks until a signal arrives or a server ends."""

    def __init__(self, home: DataDirectory, environment: Mapping[str, str], report: Callable[[str], None]) -> None:
        self._home = home
        self._environment = environment
        self._report = report
        self._ports = embedded_settings.ports(environment)
        self._postgres: EmbeddedPostgres | None = None
        self._servers: list[HttpServer] = []
        self._threads: list[threading.Thread] = []
        self._workers: list[Any] = []
        self._ended = threading.Event()
        self._reason = ""

    def run(self) -> str:
        """Start everything, wait for the end, stop everything. Returns why it ended ('' after a signal)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ended.set())
        try:
            self._start()
            self._ended.wait()
        finally:
            self._stop()
        return self._reason

    def _start(self) -> None:
        admin_url, database = self._database()
        settings = read_all(
            SERVICES,
            lambda name: embedded_settings.service_mapping(name, self._environment, self._home, self._ports, database),
        )
        # After the settings: a start that a wrong one ends leaves the tables as they were.
        self._migrate(admin_url, database["DB_NAME"])
        for name, service in SERVICES.items():
            with naming(name):
                self._start_service(service, settings[name])
            self._report(f"{name} on port {self._ports[name]}")
        self._home.write_state({"pid": os.getpid(), "ports": self._ports, "database": database, "ready": True})

    def _start_service(self, service: RunnableService[Any], settings: Any) -> None:
        service.load(settings)  # imports slow libraries before the first request
        process = service.instance(settings, with_worker=True)
        status = None
        if service.schema is not None:
            worker = process.create_worker()
            worker.start()
            self._workers.append(worker)
            status = worker.status
        self._serve(settings, process.create_app(status))

    def _database(self) -> tuple[str, dict[str, str]]:
        """Start or find PostgreSQL; return the superuser's address and the services' database settings."""
        admin_url = embedded_settings.setting(self._environment, "DATABASE_URL")
        database = embedded_settings.setting(self._environment, "DB_NAME", "smartticket")
        if not admin_url:
            self._postgres = EmbeddedPostgres(self._home.database_root(), self._home.secret("database_admin"))
            self._postgres.start()
            admin_url = self._postgres.admin_url
            self._report("PostgreSQL started")
        where = urlsplit(admin_url)
        if not where.scheme.startswith("postgres"):
            raise ValueError(
                "DATABASE_URL must be a superuser's URL, such as postgresql://postgres@localhost:5432/postgres"
            )
        return admin_url, {
            "DB_HOST": where.hostname or "127.0.0.1",
            "DB_PORT": str(where.port or 5432),
            "DB_NAME": database,
            "DB_ROLE_PREFIX": ROLE_PREFIX,
        }

    def _migrate(self, admin_url: str, database: str) -> None:
        """Migrate roles and tables."""
        passwords = {
            service.schema: embedded_settings.database_password(self._home, name)
            for name, service in SERVICES.items()
            if service.schema is not None
        }
        initialise(
            admin_url,
            database=database,
            passwords=passwords,
            prefix=ROLE_PREFIX,
            bus="postgres",
            report=self._report,
        )
        self._report("database up to date")

    def _serve(self, settings: Any, app: Any) -> None:
        name = settings.service
        # A taken port ends the start with a message; later failures end `run` with a reason.
        listener = listen(settings.host, settings.port)
        threads = min(settings.http_threads, MAX_THREADS)
        server = HttpServer(app, [listener], threads=threads, limits=limits_of(settings), graceful_seconds=STOP_SECONDS)

        def ended() -> None:
            if not self._ended.is_set():
                self._reason = f"{name} stopped serving"
                self._ended.set()

        self._threads.append(run_in_thread(server, f"http-{name}", ended))
        self._servers.append(server)

    def _stop(self) -> None:
        self._ended.set()
        for server in self._servers:
            server.stop()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        for worker in self._workers:
            worker.stop(5.0)
        if self._postgres is not None:
            self._postgres.stop()
        self._home.delete_state()
