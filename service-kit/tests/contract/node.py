"""A RabbitMQ node of a test's own, which may be hurt: it starts from nothing and is removed with all it holds."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from service_kit.testing.rabbitmq import is_reachable

START_SECONDS = 60
# Debian's wrappers in /usr/sbin change to the user rabbitmq, who can't write here: the real programs come first.
PATH = "/usr/lib/rabbitmq/bin:/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/bin:/opt/rabbitmq/sbin"


@dataclass(frozen=True)
class Node:
    """A running node."""

    url: str
    environment: dict[str, str]

    def ctl(self, *arguments: str) -> None:
        """Run rabbitmqctl on it."""
        command = [_program("rabbitmqctl"), "-q", "-n", self.environment["RABBITMQ_NODENAME"], *arguments]
        subprocess.run(command, env=self.environment, check=True, capture_output=True, timeout=60)


@contextmanager
def running_node() -> Iterator[Node]:
    """Start a node and wait until it lets us in. Raises FileNotFoundError where RabbitMQ is not installed."""
    # Not below the test's own folder: Erlang limits the length of some paths.
    home = Path(tempfile.mkdtemp(prefix="rabbit"))
    port, distribution_port, epmd_port = (_free_port() for _ in range(3))
    (home / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\nloopback_users.guest = true\n")
    environment = {
        "PATH": PATH,
        "HOME": str(home),
        "ERL_EPMD_PORT": str(epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_RELAXED_COMMAND_CHECK": "1",  # or it could not be told to end
        "RABBITMQ_NODENAME": f"t{token_hex(4)}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution_port),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }
    log = (home / "output").open("wb")
    process = subprocess.Popen(
        [_program("rabbitmq-server")], env=environment, cwd=home, stdout=log, stderr=log, start_new_session=True
    )
    try:
        url = f"amqp://guest:guest@127.0.0.1:{port}/"
        deadline = time.monotonic() + START_SECONDS
        while not is_reachable(url):
            assert process.poll() is None, (home / "output").read_text()
            assert time.monotonic() < deadline, (home / "output").read_text()
            time.sleep(0.1)
        yield Node(url, environment)
    finally:
        # The Erlang machine has a shell script in front of it, so the whole group goes.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()
        subprocess.run(
            ["epmd", "-port", str(epmd_port), "-kill"], env=environment, check=False, capture_output=True, timeout=10
        )
        shutil.rmtree(home, ignore_errors=True)


def _program(name: str) -> str:
    found = shutil.which(name, path=PATH)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed")
    return found


def _free_port() -> int:
    # Erlang's distribution wants a port below those the system gives out by itself.
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in _given:
                _given.add(port)
                return port
    raise OSError("no free port below 32000")


_given: set[int] = set()
