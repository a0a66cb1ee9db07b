"""A service as real processes: start, requests, stop, kill."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
from service_kit.testing.postgres import ServiceDatabase

PROGRAM = Path(__file__).with_name("one_service.py")
SLOW_START = Path(__file__).with_name("slow_start.py")


class Running:
    """A running service and its port."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()

    def ready(self) -> dict[str, Any]:
        body: dict[str, Any] = orjson.loads(self.get("/ready")[2])
        return body

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


def eventually(read: Callable[[], Any], seconds: float = 180) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := read():
                return found
        except OSError:
            found = None
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def environment(made: ServiceDatabase, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "SMARTTICKET_ENV": "development",
        "DATABASE_URL": made.url,
        "RELAY_DATABASE_URL": made.relay_url,
        "RABBITMQ_PORT": str(free_port()),  # no broker: the worker must run without it
        "RUNTIME_DIR": str(tmp_path),
        "PORT": str(free_port()),
    }


Start = Callable[..., Running]


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    running: list[Running] = []

    def run(program: Path = PROGRAM, **more: str) -> Running:
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, str(program)], env={**environment, **more}, stdout=log, stderr=log
            )
        found = Running(process, int(environment["PORT"]))
        running.append(found)
        eventually(lambda: found.get("/health")[0] == 200)
        return found

    yield run
    for found in running:
        family = found.family() if found.process.poll() is None else []
        for process in [*family, found.process]:
            process.kill()
        found.process.wait()


def refused(environment: dict[str, str], **more: str) -> str:
    done = subprocess.run(
        [sys.executable, str(PROGRAM)], env={**environment, **more}, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 2
    return done.stderr.decode()


def test_a_service_responds_without_a_server_header_and_ends_in_time(start: Start) -> None:
    service = start()
    status, headers, _ = service.get("/health")
    assert status == 200
    assert "server" not in headers
    began = time.monotonic()
    service.process.terminate()
    assert service.process.wait(60) == 0
    assert time.monotonic() - began < 15, "the whole grace is 20 s"
    with pytest.raises(ConnectionRefusedError):
        service.get("/health")


def test_a_signal_during_a_fork_reaches_the_new_process(start: Start) -> None:
    service = start(SLOW_START, ROLE="http", HTTP_WORKERS="2", GRACEFUL_SECONDS="60")
    began = time.monotonic()
    service.process.terminate()
    assert service.process.wait(90) == 0
    assert time.monotonic() - began < 40


def test_readiness_includes_the_status_of_the_worker_process(start: Start) -> None:
    service = start()
    checks = eventually(lambda: (found := service.ready()["checks"]) and "relay" in found and found)
    assert checks["database"]["ok"]
    # without a broker the queues are down, and requests still work
    eventually(lambda: service.ready()["status"] == "degraded")
    assert service.get("/ready")[0] == 200

    def every_queue_has_a_reason() -> bool:
        queues = [check for name, check in service.ready()["checks"].items() if name.startswith("queue")]
        return bool(queues) and all(check.get("reason") for check in queues)

    eventually(every_queue_has_a_reason)


def test_a_worker_that_dies_takes_the_service_with_it(start: Start) -> None:
    service = start()
    eventually(lambda: "threads" in service.ready()["checks"])
    workers = [child for child in psutil.Process(service.process.pid).children() if not child.children()]
    assert len(workers) == 1
    workers[0].kill()
    assert service.process.wait(60) != 0


def test_a_killed_supervisor_leaves_no_orphan_and_its_port_can_be_had_again(start: Start) -> None:
    service = start()
    family = eventually(lambda: len(found := service.family()) >= 4 and found)
    service.process.kill()
    service.process.wait()
    eventually(lambda: not psutil.wait_procs(family, timeout=0.2)[1], 30)
    start()


def test_a_request_in_progress_is_finished_when_the_service_stops(start: Start) -> None:
    service = start(ROLE="http")
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(service.get("/slow")[0]))
    asking.start()
    eventually(lambda: any(c.status == "ESTABLISHED" for p in service.family() for c in p.net_connections()))
    service.process.terminate()
    asking.join(60)
    assert answers == [200]
    assert service.process.wait(60) == 0


def test_metrics_add_up_over_all_processes(start: Start) -> None:
    service = start(HTTP_WORKERS="3")
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: service.get("/openapi.json")[0], range(60))) == {200}
    text = service.get("/metrics")[2].decode()
    counted = re.search(r'http_request_duration_seconds_count\{[^}]*route="/openapi.json"[^}]*\} (\S+)', text)
    assert counted is not None
    assert float(counted[1]) == 60
    assert "outbox_unpublished 0.0" in text
    # the worker's metrics are in the same response once it has started
    eventually(lambda: b"relay_active" in service.get("/metrics")[2])


def test_role_worker_serves_its_health_on_the_port(start: Start) -> None:
    service = start(ROLE="worker")
    eventually(lambda: service.get("/ready")[0] == 503)
    assert "relay" in service.ready()["checks"]
    eventually(lambda: b"relay_active" in service.get("/metrics")[2])
    assert "werkzeug" not in service.get("/health")[1].get("server", "").lower()
    service.process.terminate()
    assert service.process.wait(60) == 0


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 17_000 + b"\r\n\r\n", 431),
        (
            b"GET /health HTTP/1.1\r\nHost: a\r\n"
            + b"".join(b"X%d: %s\r\n" % (i, b"a" * 4000) for i in range(5))
            + b"\r\n",
            431,
        ),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"POST /health HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ],
)
def test_a_refusal_of_the_server_is_a_problem_too(start: Start, raw: bytes, status: int) -> None:
    service = start(ROLE="http")
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as client:
        client.sendall(raw)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in head
    assert orjson.loads(body)["status"] == status


def test_a_taken_port_is_a_clear_error(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment["PORT"]))):
        assert f"can't listen on 127.0.0.1:{environment['PORT']}" in refused(environment)


def test_default_secrets_stop_it_in_production(environment: dict[str, str]) -> None:
    message = refused(environment, SMARTTICKET_ENV="production")
    assert "INTERNAL_SIGNING_KEY" in message
    assert "RABBITMQ_PASSWORD" in message


def test_a_superuser_as_app_role_stops_it(environment: dict[str, str], made: ServiceDatabase) -> None:
    assert "superuser" in refused(environment, DATABASE_URL=made.admin_url, RELAY_DATABASE_URL=made.admin_url)


def test_a_database_that_is_down_does_not_stop_it(start: Start) -> None:
    nowhere = f"postgresql://x_kit_app:x@127.0.0.1:{free_port()}/x"
    service = start(DATABASE_URL=nowhere, RELAY_DATABASE_URL=nowhere)
    assert service.get("/ready")[0] == 503
    assert not service.ready()["checks"]["database"]["ok"]
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0
