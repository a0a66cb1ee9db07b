"""Gateways as operators run them, outside development mode, in front of services that cost little."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
import requests
from auth_service.adapters.access_tokens import AccessTokenSigner, new_private_jwk, public_jwk
from launcher.ports import free_port
from service_kit.identity import ADMIN, Caller, public_key
from smartticket_contracts.services import services_behind_the_gateway

from tests.reaper import kill_with_us

ROOT = Path(__file__).resolve().parents[1]
SEED = "/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4="
START_SECONDS = 120
STOP_SECONDS = 60
PRIVATE = json.loads(os.environ.setdefault("BENCH_PRIVATE_JWK", json.dumps(new_private_jwk())))
"""The key of access tokens; processes of this run inherit it."""
JWKS = json.dumps({"keys": [public_jwk(PRIVATE)]})
UNLIMITED = {f"RATE_LIMIT_PER_{name}": "10000000" for name in ("ADDRESS", "USER", "COMPANY")}
"""Limits that count every request and refuse none."""


def bearer() -> dict[str, str]:
    """Return the header with an access token that is valid for the next minutes."""
    token = AccessTokenSigner("smart-ticket", PRIVATE).sign(Caller(7, ADMIN, "user:1", "Ada", session="session-1"))
    return {"Authorization": f"Bearer {token}", "Accept": "application/json"}


@dataclass
class Program:
    """A process that serves HTTP on a port of this machine."""

    arguments: list[str]
    environment: dict[str, str]
    probe: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; `wait` waits until it answers."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        arguments = [argument.replace("{port}", str(self.port)) for argument in self.arguments]
        environment = kept | self.environment | {"PORT": str(self.port)}
        self.process = subprocess.Popen(
            arguments, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
        )
        kill_with_us("group", self.process.pid)

    def wait(self) -> None:
        """Wait until it is ready."""
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.url + self.probe):
            assert self.process.poll() is None, f"{self.arguments} has ended"
            assert time.monotonic() < deadline, f"{self.arguments} does not answer"
            time.sleep(0.05)

    def cpu(self) -> float:
        """Return the CPU seconds of its processes so far."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
        return sum(each.user + each.system for each in times)

    def stop(self) -> None:
        """Stop it as operators do, and wait for its end."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def answers(url: str) -> bool:
    """Return whether something answers 200 there."""
    with contextlib.suppress(requests.RequestException):
        return requests.get(url, timeout=2).status_code == 200
    return False


def stub_service(**settings: str) -> Program:
    """Return a service of `stub_service`."""
    arguments = [sys.executable, "-m", "benchmarks.stub_service", "{port}"]
    return Program(arguments, {"STUB_JWKS": JWKS, **settings}, "/health")


def gateway(services: dict[str, Program], folder: str, **settings: str) -> Program:
    """Return a gateway in front of services by name; the program under "" stands for all others."""
    urls = {each.url_setting: services.get(each.name, services[""]).url for each in services_behind_the_gateway()}
    environment: dict[str, Any] = {
        "SMARTTICKET_ENV": "production", "INTERNAL_SIGNING_KEY": SEED, "RUNTIME_DIR": folder, "RATE_LIMITS": "on",
        "PUBLIC_URL": "smart-ticket", "GATEWAY_HOSTS": "desk.example", "LOG_LEVEL": "ERROR", **UNLIMITED, **urls,
        **settings,
    }  # fmt: skip
    return Program([sys.executable, str(ROOT / "api-gateway" / "src" / "app.py")], environment, "/ready")


def live_process(database_url: str) -> Program:
    """Return a live process that trusts the gateway."""
    program = Program([sys.executable, "-m", "notification_service.live"], {}, "/ready")
    program.environment |= {
        "SMARTTICKET_ENV": "development",
        "DATABASE_URL": database_url,
        "INTERNAL_TRUSTED_KEYS": f"api-gateway:{public_key(SEED)}",
        "LIVE_PORT": str(program.port),
        "LOG_LEVEL": "ERROR",
    }
    return program


@contextlib.contextmanager
def running(*programs: Program) -> Iterator[None]:
    """Start the programs, wait until all answer, and stop them in the end."""
    try:
        for program in programs:
            program.start()
        for program in programs:
            program.wait()
        yield
    finally:
        for program in reversed(programs):
            program.stop()


def other_process() -> ProcessPoolExecutor:
    """Return a process for what must not slow down the clients that measure."""
    return ProcessPoolExecutor(1, get_context("spawn"))


@contextlib.contextmanager
def folder() -> Iterator[str]:
    """Yield a folder for the files of gateways."""
    with tempfile.TemporaryDirectory(prefix="st-gateway-") as name:
        yield name
