"""The servers that a help desk talks to, each a process that can be killed: for mails out, mails in, and webhooks.

`python -m tests.chaos.people_servers smtp|imap|hook PORT FOLDER`. The folder has the mailbox's mails (`1.eml`, …), the
certificate, and a file of JSON lines that outlives the process: a line per mail or message that has arrived.
"""

import asyncio
import importlib.util
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import orjson
from aiosmtpd.controller import Controller
from launcher.ports import free_port

from tests.reaper import kill_with_us
from tests.stack import ROOT, eventually

MAX_ANSWER_SECONDS = 0.5
"""The longest time between the arrival of something and its answer: a kill in it leaves the sender in doubt."""
KINDS = ("smtp", "imap", "hook")


@dataclass
class Server:
    """One server, started on the same port again after each kill."""

    kind: str
    folder: Path
    port: int = field(default_factory=free_port)
    kills: int = 0
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        eventually(self._listens, seconds=60)

    def _listens(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            arguments = [
                sys.executable,
                "-m",
                "tests.chaos.people_servers",
                self.kind,
                str(self.port),
                str(self.folder),
            ]
            self._process = subprocess.Popen(arguments, cwd=ROOT, start_new_session=True)
            kill_with_us("group", self._process.pid)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """SIGKILL it, whatever it does."""
        self.stop()
        self.kills += 1

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)

    def arrived(self) -> list[dict[str, Any]]:
        """Return what has arrived since its first start, in order."""
        path = self.folder / f"{self.kind}.jsonl"
        return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def put_mail(folder: Path, uid: int, raw: bytes) -> None:
    """Put a mail into the mailbox, as a whole."""
    unfinished = folder / f"{uid}.part"
    unfinished.write_bytes(raw)
    unfinished.rename(folder / f"{uid}.eml")


class _Log:
    """Lines that survive SIGKILL: each is one write to a file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, **line: Any) -> None:
        os.write(self._file, orjson.dumps({"at": time.time(), **line}) + b"\n")


def _serve_smtp(port: int, folder: Path) -> None:
    log, random = _Log(folder / "smtp.jsonl"), Random()

    class Sink:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            mail = message_from_bytes(envelope.original_content, policy=default)
            log.write(message_id=str(mail["Message-ID"]), to=envelope.rcpt_tos)
            await asyncio.sleep(random.uniform(0, MAX_ANSWER_SECONDS))
            return "250 taken"

    Controller(Sink(), hostname="127.0.0.1", port=port).start()


def _serve_hook(port: int, folder: Path) -> None:
    log, random = _Log(folder / "hook.jsonl"), Random()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            log.write(
                id=self.headers["webhook-id"],
                event=content["type"],
                ticket=content["data"].get("ticket_id"),
                revision=content["revision"],
            )
            time.sleep(random.uniform(0, MAX_ANSWER_SECONDS))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def _serve_imap(port: int, folder: Path) -> None:
    # The server of notification-service's own tests, with TLS and a mailbox of files.
    path = ROOT / "notification-service" / "tests" / "imap_server.py"
    spec = importlib.util.spec_from_file_location("imap_server", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["imap_server"] = made
    spec.loader.exec_module(made)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    log, random = _Log(folder / "imap.jsonl"), Random()

    def fetched(uid: int) -> None:
        log.write(uid=uid)
        time.sleep(random.uniform(0, MAX_ANSWER_SECONDS) / 2)

    class FolderServer(made.ImapTestServer):  # type: ignore[misc, name-defined]
        def _serve(self, connection: socket.socket) -> None:
            try:
                encrypted = context.wrap_socket(connection, server_side=True)
            except OSError:
                return
            super()._serve(encrypted)

        def _answers(self, command: str) -> Iterator[bytes]:
            self.mailbox.mails = {int(path.stem): path.read_bytes() for path in folder.glob("*.eml")}
            return super()._answers(command)  # type: ignore[no-any-return]

    server = FolderServer(made.ImapMailbox(on_fetch=fetched))
    server.port = port
    server.start()


def main(kind: str, port: int, folder: Path) -> None:
    """Serve until the process is killed."""
    {"smtp": _serve_smtp, "imap": _serve_imap, "hook": _serve_hook}[kind](port, folder)
    signal.pause()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
