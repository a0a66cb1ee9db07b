"""The whole system with a PostgreSQL and a RabbitMQ of its own; what ends is started again, as containers are."""

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import psutil
import psycopg2
import pytest
from eventbus.testing.rabbitmq_node import RabbitNode
from launcher.ports import free_port
from launcher.postgres import EmbeddedPostgres

from tests.reaper import kill_with_us
from tests.stack import ROOT, START_SECONDS, Stack, eventually

REPLICAS = {"ticket-service.2": "ticket-service", "ai-service.2": "ai-service"}
"""Second workers, so that a relay and a queue have somebody to go over to."""


@dataclass
class Ground:
    """What a cluster stands on and a fault may shake."""

    postgres: EmbeddedPostgres
    rabbitmq: RabbitNode

    def restart_postgres(self) -> None:
        """Let PostgreSQL crash, all its processes at once, and start it again on the same data and port."""
        self.postgres.crash_and_restart()


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    """Start a PostgreSQL and a RabbitMQ of one's own; FileNotFoundError where RabbitMQ is not installed."""
    with tempfile.TemporaryDirectory(prefix="st-chaos-") as folder, contextlib.ExitStack() as exits:
        Path(folder).chmod(0o755)
        made = Ground(
            EmbeddedPostgres(Path(folder) / "postgresql", "ch4os"),
            RabbitNode(Path(folder) / "rabbitmq", partial(kill_with_us, "group")),
        )
        kill_with_us("postgres", made.postgres.data)
        kill_with_us("folder", folder)
        starting = threading.Thread(target=made.rabbitmq.start)
        starting.start()
        exits.callback(made.rabbitmq.kill)
        exits.callback(starting.join)
        made.postgres.start()
        exits.callback(made.postgres.stop)
        starting.join()
        yield made


@dataclass
class Cluster(Stack):
    """A stack whose services record what they do (recorder.py); `sabotage` names, by service, the step to break."""

    on: Ground = None  # type: ignore[assignment]
    sabotage: dict[str, str] = field(default_factory=dict)
    crash_one_in: int = 0
    restarts: int = 0
    durable: ClassVar[bool] = True

    def __enter__(self) -> "Cluster":
        self._leaving = threading.Event()
        self._keeper: threading.Thread | None = None
        self._patch = pytest.MonkeyPatch()
        self._patch.setenv("TEST_DATABASE_ADMIN_URL", self.on.postgres.admin_url)
        vhost = self.name
        self.on.rabbitmq.ctl("add_vhost", vhost)
        self.on.rabbitmq.ctl("set_permissions", "-p", vhost, "guest", ".*", ".*", ".*")
        self.rabbitmq_url = self.on.rabbitmq.url + vhost
        try:
            super().__enter__()
            self._start_replicas()
            self._audit()
        except BaseException:
            self._leaving.set()
            self._patch.undo()
            raise
        return self

    def __exit__(self, *failure: object) -> None:
        self._leaving.set()
        if self._keeper is not None:
            self._keeper.join()
        try:
            super().__exit__(*failure)
        finally:
            self._patch.undo()

    def environment(self, service: str) -> dict[str, str]:
        """Return what a service, or the second worker of one, is started with."""
        base = REPLICAS.get(service, service)
        more = {"ROLE": "worker", "PORT": str(self.ports.get(service, 0))} if service in REPLICAS else {}
        if base in self.sabotage:
            more["CHAOS_SABOTAGE"] = self.sabotage[base]
        # Else it is the gateway that keeps the load away while services are killed again and again.
        more["UPSTREAM_BREAKER_SECONDS"] = "0.2"
        more |= {"CHAOS_HISTORY": str(self.history), "CHAOS_CRASH_ONE_IN": str(self.crash_one_in)}
        return {**super().environment(base), **more, "PYTHONPATH": str(ROOT)}

    @property
    def history(self) -> Path:
        """Return the folder that the recorders write to."""
        return self.folder / "history"

    def launch(self, service: str) -> None:
        """Start a service with a recorder."""
        self.history.mkdir(exist_ok=True)
        if service == "api-gateway":
            super().launch(service)
            return
        with self.log(service).open("ab") as log:
            self.processes[service] = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.recorder", REPLICAS.get(service, service)],
                env=self.environment(service), cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        kill_with_us("group", self.processes[service].pid)

    def connect(self) -> Any:
        """Connect to the database as its superuser, in autocommit."""
        connection = psycopg2.connect(self.on.postgres.admin_url.rsplit("/", 1)[0] + f"/{self.name}")
        connection.autocommit = True
        return connection

    def wait_healthy(self) -> None:
        """Wait until every service is ready; what ends meanwhile is started again, at the first start as later."""
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, daemon=True)
            self._keeper.start()
        eventually(self.unready, lambda found: not found, seconds=START_SECONDS)

    def _start_replicas(self) -> None:
        for replica, base in REPLICAS.items():
            # A second worker of a sabotaged service would go on where the first one crashed.
            if base not in self.sabotage:
                self.ports[replica] = free_port()
                self.launch(replica)

    def _audit(self) -> None:
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(Path(__file__).with_name("audit.sql").read_text(encoding="utf-8"))

    def _keep(self) -> None:
        """Start again whatever ended, as a container's restart policy does."""
        while not self._leaving.wait(0.2):
            for service, process in list(self.processes.items()):
                if process.poll() is not None and not self._leaving.is_set():
                    self.restarts += 1
                    self._end_orphans(process.pid)
                    self.launch(service)

    def _end_orphans(self, session: int) -> None:
        # A container's processes all end with its first one.
        for orphan in self._left(session):
            with contextlib.suppress(psutil.Error):
                orphan.kill()
