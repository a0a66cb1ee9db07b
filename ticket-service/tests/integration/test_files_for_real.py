"""Files in a service of several processes: one is killed, and a worker cleans up after it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from eventbus.bus.port import Queue
from eventbus.worker import build_bus
from flask import Flask
from http_server.server import HttpServer, run_in_thread
from service_kit.identity import ADMIN, HEADER
from service_kit.testing.fixtures import TokenFactory
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.adapters.storage import storage_of
from ticket_service.settings import Settings
from ticket_service.usecases.delete_orphaned_blobs import orphan_deletion

from ..conftest import Api
from .test_worker import eventually

Rows = Callable[..., list[tuple[Any, ...]]]
OnDisk = Callable[[], list[bytes]]
ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n'
END = b"\r\n--b--\r\n"


class Running:
    """The service's HTTP side as a process of its own."""

    def __init__(self, environment: dict[str, str], token: Callable[[], str], log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.token = token
        environment |= {"PORT": str(self.port), "ROLE": "http", "HTTP_WORKERS": "1", "PATH": os.environ["PATH"]}
        with log.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "src" / "app.py")], env=environment, stdout=sink, stderr=sink,
                start_new_session=True,
            )  # fmt: skip
        eventually(self._listens)

    def _listens(self) -> bool:
        assert self.process.poll() is None
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def connect(self, length: int) -> socket.socket:
        """Begin an upload with a body of this length."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        lines = [
            "POST /api/files HTTP/1.1", "Host: localhost", f"{HEADER}: {self.token()}", f"Content-Length: {length}",
            "Content-Type: multipart/form-data; boundary=b", "Connection: close",
        ]  # fmt: skip
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        return connection

    def upload(self, content: bytes, name: bytes = b"a.txt") -> bytes:
        """Send a file; return the answer."""
        body = FORM % name + content + END
        with self.connect(len(body)) as connection:
            connection.sendall(body)
            return connection.recv(65_536)

    def kill(self) -> None:
        """End all its processes at once, as a power failure would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


@pytest.fixture
def running(
    api: Api, made: ServiceDatabase, files_dir: Path, token_for: TokenFactory, tmp_path: Path
) -> Iterator[Callable[[], Running]]:
    started: list[Running] = []

    def start() -> Running:
        environment = {
            "SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url,
            "FILES_DIR": str(files_dir), "RUNTIME_DIR": str(tmp_path), "BUS": "postgres",
        }  # fmt: skip
        started.append(Running(environment, lambda: token_for(service.SERVICE.name, 1, ADMIN), tmp_path / "log"))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.kill()


def test_a_body_that_is_cut_off_never_becomes_a_file(
    running: Callable[[], Running], rows: Rows, on_disk: OnDisk, files_dir: Path
) -> None:
    one = running()
    body = FORM % b"a.txt" + b"x" * MIB + END
    for length in (100, MIB // 2, len(body) - 3):
        with one.connect(len(body)) as connection:
            connection.sendall(body[:length])
    assert b" 201 " in one.upload(b"whole")
    assert rows("select name from files") == [("a.txt",)]
    assert on_disk() == [b"whole"]
    eventually(lambda: not list((files_dir / "incoming").iterdir()))


def test_a_body_that_is_cut_off_never_becomes_a_file_on_one_machine_either(
    app: Flask, api: Api, token_for: TokenFactory, rows: Rows, on_disk: OnDisk
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = HttpServer(app, [listener], threads=4)
    thread = run_in_thread(server, "http")
    token = token_for(service.SERVICE.name)
    head = (
        f"POST /api/files HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{HEADER}: {token}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n"
    ).encode()
    body = FORM % b"a.txt" + b"x" * MIB + END
    chunk = b"%x\r\n" % len(body) + body + b"\r\n"
    statuses = []
    for published, sent in (
        (b"Content-Length: %d\r\n\r\n" % len(body), body[:-3]),
        (b"Transfer-Encoding: chunked\r\n\r\n", chunk[:-10]),
        (b"Content-Length: %d\r\n\r\n" % len(body), body),
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(head + published + sent)
            connection.shutdown(socket.SHUT_WR)
            statuses.append(connection.recv(100).split()[1:2])
    server.stop()
    thread.join(20)
    assert [b"201"] not in statuses[:2]
    assert statuses[2] == [b"201"]
    assert rows("select name, version from files") == [("a.txt", 1)]
    assert on_disk() == [b"x" * MIB]


def every_file(api: Api) -> Iterator[Any]:
    """Yield what the company has, page by page."""
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(f"/api/files?limit=100{f'&cursor={cursor}' if cursor else ''}")
        yield from page["items"]
        cursor = page["next"]


@pytest.mark.slow
def test_a_service_killed_during_uploads_keeps_every_answered_file_whole_and_leaves_no_orphans(
    running: Callable[[], Running], api: Api, made: ServiceDatabase, read: Callable[..., Settings], rows: Rows,
    on_disk: OnDisk,
) -> None:  # fmt: skip
    answered: dict[str, bytes] = {}
    for life in range(4):
        one = running()
        lifetime = time.monotonic() + 0.3 + 0.2 * life
        number = 0
        while time.monotonic() < lifetime:
            content, name = b"%d-%d" % (life, number) * 50_000, f"{life}-{number}.txt"
            if b" 201 " in one.upload(content, name.encode()):
                answered[name] = content
            number += 1
        body = FORM % b"last.txt" + b"y" * MIB + END
        with one.connect(len(body)) as connection:
            connection.sendall(body)
            one.kill()
    assert len(answered) >= 4
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("update blobs set changed_at = changed_at - interval '16 minutes'")
    orphan_deletion(made.database, storage_of(read().files))()
    stored = {item["name"]: item["id"] for item in every_file(api)}
    for name, content in answered.items():
        assert api.call("GET", f"/api/files/{stored[name]}/content").data == content
    assert len(on_disk()) == len(rows("select distinct storage_key from files"))
    assert rows("select count(*) from blobs where state <> 'stored'") == [(0,)]


@pytest.mark.rabbitmq
def test_the_worker_publishes_files_and_removes_orphaned_bytes(
    api: Api, read: Callable[..., Settings], made: ServiceDatabase, rabbitmq_vhost: str, tmp_path: Path, rows: Rows,
    on_disk: OnDisk, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("eventbus.maintenance.INTERVAL_SECONDS", 0.1)
    monkeypatch.setattr("ticket_service.usecases.delete_file.delete_now", lambda *_: None)
    settings = read(RABBITMQ_URL=rabbitmq_vhost, RUNTIME_DIR=str(tmp_path), SMARTTICKET_SERVICES="ticket-service")
    ingest = Queue("rag-service.ingest", ("file.uploaded", "document.requested"))
    worker, outside = service.SERVICE.instance(settings).create_worker(), build_bus(settings)
    outside.declare([ingest])
    worker.start()
    try:
        file = api.stored(b"words", "a.txt")
        consumer = outside.consumer(ingest, 100)
        bodies: list[Any] = []

        def published() -> bool:
            bodies.extend(orjson.loads(incoming.message.body) for incoming in consumer.receive(100, 1))
            return any(body["file_id"] == file["id"] for body in bodies)

        eventually(published)
        consumer.close()
        assert on_disk() == [b"words"]
        api.call("DELETE", f"/api/files/{file['id']}")
        eventually(lambda: rows("select count(*) from blobs") == [(0,)])
        assert on_disk() == []
    finally:
        assert worker.stop()
        outside.close()
