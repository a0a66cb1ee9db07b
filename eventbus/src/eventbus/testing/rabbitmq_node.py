"""A RabbitMQ node for one test. The test may stop it, kill it and raise its alarms."""

import os
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from time import monotonic, sleep

from eventbus.testing.rabbitmq import is_reachable

# The programs come before the packages' wrappers, which change the user and drop the environment.
SEARCH_PATH = "/usr/lib/rabbitmq/bin:/opt/rabbitmq/sbin:/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin"
START_SECONDS = 180


class RabbitNode:
    """One node with its data below `folder`. Restarts keep the port."""

    def __init__(self, folder: Path, on_start: Callable[[int], None] = lambda _process: None) -> None:
        """`on_start` receives the process group at each start. Raises FileNotFoundError without RabbitMQ."""
        self._on_start = on_start
        self._folder = folder
        self._name = f"st-{token_hex(4)}@localhost"
        self._port, self._cluster_port = _free_port(), _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._program("rabbitmq-server")

    @property
    def url(self) -> str:
        """Return the address of the node's default virtual host."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Start the node and wait until it accepts connections; raise TimeoutError with the end of its log."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "plugins").write_text("[].\n", encoding="utf-8")
        with (self._folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [self._program("rabbitmq-server")],
                env=self._environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self._on_start(self._process.pid)
        deadline = monotonic() + START_SECONDS
        while not is_reachable(self.url):
            if monotonic() > deadline or self._process.poll() is not None:
                self.kill()
                raise TimeoutError((self._folder / "log.txt").read_text(errors="replace")[-2000:])
            sleep(0.1)

    def stop(self) -> None:
        """Stop the node with SIGTERM."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(60)
            self._process = None

    def kill(self) -> None:
        """Kill the node with SIGKILL."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def ctl(self, *arguments: str) -> str:
        """Run `rabbitmqctl` and return its output. Raises CalledProcessError."""
        completed = subprocess.run(  # noqa: S603
            [self._program("rabbitmqctl"), "-q", "-n", self._name, *arguments],
            env=self._environment(), check=True, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        return completed.stdout

    def _program(self, name: str) -> str:
        program = shutil.which(name, path=SEARCH_PATH)
        if program is None:
            raise FileNotFoundError(f"{name} is not installed")
        return program

    def _environment(self) -> dict[str, str]:
        folder = str(self._folder)
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": folder,  # of the Erlang cookie
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._cluster_port),
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/logs",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none",
            "RABBITMQ_CONFIG_FILE": f"{folder}/none",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
        }


def _free_port() -> int:
    # Below the ephemeral range: a client socket that polls the node could otherwise get the node's port itself.
    for port in random.sample(range(20_000, 32_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no free port between 20000 and 32000")
