"""The real system as real processes, one per service as in containers, for tests that cross services.

Each stack has a database, roles and a virtual host of its own and takes free ports, so several live side by side.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

import psutil
import requests
import smartticket_contracts
from eventbus.contracts import Contracts
from eventbus.testing.rabbitmq import free_file_descriptors, temporary_vhost
from init_db.main import initialise
from init_db.provision import admin_connection
from init_db.testing.databases import flush_later
from launcher.ports import free_port
from psycopg2 import sql
from smartticket_contracts.services import registry, services_behind_the_gateway

from tests.reaper import kill_with_us

ROOT = Path(__file__).resolve().parents[1]
SERVICES = tuple(registry())
SCHEMAS = {service.name: service.schema for service in services_behind_the_gateway()}
PASSWORD = "test-password"
START_SECONDS = 180
CONNECTIONS = 40
"""To PostgreSQL: what a stack holds under a test's load."""
DESCRIPTORS_PER_QUEUE = 3
ROOM_SECONDS = 180.0
Result = TypeVar("Result")


def admin_url() -> str:
    """Return the superuser's address of the tests' PostgreSQL."""
    return os.environ.get("TEST_DATABASE_ADMIN_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


def rabbitmq_url() -> str:
    """Return the address of the tests' RabbitMQ."""
    return os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/")


def eventually(read: Callable[[], Result], accept: Callable[[Result], bool] = bool, seconds: float = 180) -> Result:
    """Call `read` until `accept` takes its result; the last result goes into the AssertionError after `seconds`."""
    deadline, pause = time.monotonic() + seconds, 0.05
    while True:
        result = read()
        if accept(result):
            return result
        assert time.monotonic() < deadline, f"still {result!r} after {seconds} s"
        time.sleep(pause)
        pause = min(pause * 1.3, 0.5)  # Looking often would take the processor from what is waited for.


@dataclass
class Stack:
    """Use it as a context manager; `settings` are laid over every service's environment, `of` over one service's."""

    settings: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    services: Sequence[str] = SERVICES
    """What is started; the others are as if they were down."""
    bus: str = "rabbitmq"
    rabbitmq_url: str | None = None
    name: str = field(default_factory=lambda: f"st_{secrets.token_hex(4)}")
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    durable: ClassVar[bool] = False

    def __enter__(self) -> "Stack":
        self._exit = contextlib.ExitStack()
        try:
            self.folder = Path(self._exit.enter_context(tempfile.TemporaryDirectory(prefix="st-stack-")))
            kill_with_us("folder", self.folder)
            if self.rabbitmq_url is None:
                wait_for_room_of_queues()
                self.rabbitmq_url = self._exit.enter_context(temporary_vhost(rabbitmq_url()))
            self._exit.callback(drop_database, self.name)
            check_room()
            self.make_database()
            self.ports = {service: free_port() for service in (*SERVICES, "live")}
            self._exit.callback(self.stop)
            for service in self.services:
                self.launch(service)
            self.wait_healthy()
        except BaseException:
            self._exit.close()
            raise
        return self

    def make_database(self) -> None:
        """Make the database; its PostgreSQL is not killed, so that nothing waits for the disk."""
        initialise(
            admin_url(),
            database=self.name,
            passwords=dict.fromkeys(SCHEMAS.values(), PASSWORD),
            prefix=self.name,
            bus=self.bus,
        )
        if not self.durable:
            flush_later(admin_url(), self.name)

    def __exit__(self, failure: object = None, *_: object) -> None:
        try:
            if failure is not None:
                print(self.log_tails())
        finally:
            self._exit.close()

    @property
    def url(self) -> str:
        """Return the gateway's address."""
        return self.url_of("api-gateway")

    def url_of(self, service: str) -> str:
        """Return the address of a service."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def environment(self, service: str) -> dict[str, str]:
        """Return what a service of this stack is started with."""
        where = urlsplit(admin_url())
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        urls = {each.url_setting: self.url_of(each.name) for each in services_behind_the_gateway()}
        return {
            **kept,
            **urls,
            "SMARTTICKET_ENV": "development",
            "PORT": str(self.ports[service]),
            "LIVE_PORT": str(self.ports["live"]),
            "LIVE_URL": self.url_of("live"),
            "DB_HOST": where.hostname or "127.0.0.1",
            "DB_PORT": str(where.port or 5432),
            "DB_NAME": self.name,
            "DB_ROLE_PREFIX": self.name,
            "DB_PASSWORD": PASSWORD,
            "BUS": self.bus,
            "RABBITMQ_URL": self.rabbitmq_url or "",
            "RUNTIME_DIR": str(self.folder),
            "HTTP_WORKERS": "1",
            "TRAINING_NICENESS": "0",  # Other tests take all that a nice process leaves.
            "LOG_LEVEL": "INFO",
            "FILES_DIR": str(self.folder / "files"),
            "VECTORS_DIR": str(self.folder / "vectors"),
            **self.settings,
            **self.of.get(service, {}),
        }

    def launch(self, service: str) -> None:
        """Start a service as an operator does by hand."""
        with self.log(service).open("ab") as log:
            self.processes[service] = subprocess.Popen(
                [sys.executable, str(ROOT / service / "src" / "app.py")],
                env=self.environment(service), cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        kill_with_us("group", self.processes[service].pid)

    def log(self, service: str) -> Path:
        """Return the file that a service writes its log to."""
        return self.folder / f"{service}.log"

    def tree(self, service: str) -> list[psutil.Process]:
        """Return the service's processes, the supervisor first."""
        with contextlib.suppress(psutil.Error):
            parent = psutil.Process(self.processes[service].pid)
            return [parent, *parent.children(recursive=True)]
        return []

    def signal(self, service: str, number: signal.Signals) -> None:
        """Send a signal to every process of a service."""
        for process in self.tree(service):
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)

    def kill(self, service: str) -> None:
        """SIGKILL a service, all of it at once."""
        self.signal(service, signal.SIGKILL)
        self.processes[service].wait(60)

    def healthy(self) -> bool:
        """Return whether every service is ready, its worker too."""
        return not self.unready()

    def unready(self) -> dict[str, str]:
        """Return what each service that isn't ready, its worker included, says of itself."""
        found = {}
        for name in self.services:
            try:
                answer = requests.get(self.url_of(name) + "/ready", timeout=3)
                if not answer.ok or answer.json()["status"] == "degraded":
                    checks = answer.json().get("checks", {})
                    found[name] = str({check: each for check, each in checks.items() if not each.get("ok")})
            except requests.RequestException as error:
                found[name] = type(error).__name__
        return found

    def wait_healthy(self) -> None:
        """Wait until all services are ready; shows the logs where one isn't."""
        deadline = time.monotonic() + START_SECONDS
        while not self.healthy():
            dead = [name for name in self.services if self.processes[name].poll() is not None]
            assert not dead, f"ended: {dead}\n{self.log_tails(dead)}"
            assert time.monotonic() < deadline, f"not healthy\n{self.log_tails()}"
            time.sleep(0.1)

    def log_tails(self, services: Sequence[str] = ()) -> str:
        """Return the last log lines of the services, of all by default."""
        named = services or self.services
        return "\n".join(f"== {name}\n{self.log(name).read_text(errors='replace')[-1500:]}" for name in named)

    def stop(self) -> None:
        """Stop every service: SIGTERM, then SIGKILL for what is left."""
        for service in self.processes:
            self.signal(service, signal.SIGCONT)
            with contextlib.suppress(psutil.Error):
                psutil.Process(self.processes[service].pid).terminate()
        for service, process in self.processes.items():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill(service)
            for child in self._left(process.pid):
                with contextlib.suppress(psutil.Error):
                    child.kill()

    def create(self, number: int = 0, **fields: Any) -> requests.Response:
        """POST one ticket through the gateway."""
        ticket = {
            "title": f"Cannot access email {number}",
            "description": "Outlook asks for my password again and again.",
            "user_name": "John Doe",
            "user_email": "john.doe@company.example",
            **fields,
        }
        return requests.post(self.url + "/api/tickets", json=ticket, timeout=60)

    def get(self, path: str, **parameters: Any) -> Any:
        """GET JSON from the gateway."""
        response = requests.get(self.url + path, params=parameters, timeout=60)
        assert response.ok, response.text
        return response.json()

    @staticmethod
    def _left(session: int) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                if os.getsid(process.pid) == session:
                    yield process


def check_room() -> None:
    """Refuse to start a stack on a server that has no connections left for it: it would stall, and never say why.

    Tests that run beside this one may have many for a while.
    """
    deadline = time.monotonic() + ROOM_SECONDS
    while True:
        with admin_connection(admin_url()) as connection, connection.cursor() as cursor:
            cursor.execute("select current_setting('max_connections')::int")
            (most,) = cursor.fetchone() or (0,)
            cursor.execute("select application_name, count(*) from pg_stat_activity where datid is not null group by 1")
            taken = dict(cursor.fetchall())
        if most - sum(taken.values()) >= CONNECTIONS:
            return
        assert time.monotonic() < deadline, f"somebody keeps connections to PostgreSQL: {taken}"
        time.sleep(0.5)


def wait_for_room_of_queues() -> None:
    """Wait until the broker has file descriptors for a stack's queues; tests beside this one may have them."""
    queues = 2 * len(Contracts.load(smartticket_contracts.folder()).deployed_queues()) + len(SCHEMAS)
    deadline = time.monotonic() + ROOM_SECONDS
    while (free := free_file_descriptors()) is not None and free < DESCRIPTORS_PER_QUEUE * queues + CONNECTIONS:
        assert time.monotonic() < deadline, f"RabbitMQ has {free} file descriptors left; a stack has {queues} queues"
        time.sleep(2)


def drop_database(name: str) -> None:
    """Remove a stack's database and its roles."""
    with admin_connection(admin_url()) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        cursor.execute("select rolname from pg_roles where rolname like %s", (f"{name}%",))
        for (role,) in cursor.fetchall():
            cursor.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(role)))
