"""A small IMAP server on this machine: the commands that a reader needs, and the faults that a test asks for."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

_SINCE = re.compile(r"SINCE (\d{1,2}-\w{3}-\d{4})")


@dataclass
class ImapMailbox:
    """The mails of a folder by number, and how often each was read."""

    uid_validity: int = 1
    mails: dict[int, bytes] = field(default_factory=dict)
    arrived: dict[int, date] = field(default_factory=dict)
    fetched: list[int] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    on_fetch: Callable[[int], None] = lambda _uid: None
    """Called before a mail is sent; an OSError drops the connection."""

    def add(self, raw: bytes, uid: int | None = None, day: date | None = None) -> int:
        """Add a mail and return its number."""
        number = uid or max(self.mails, default=0) + 1
        self.mails[number] = raw
        self.arrived[number] = day or datetime.now(UTC).date()
        return number


class ImapTestServer:
    """Serves one mailbox on one port, until it is stopped; it can be started again there."""

    def __init__(
        self,
        mailbox: ImapMailbox,
        password: str = "secret",
        context: ssl.SSLContext | None = None,
        *,
        implicit: bool = False,
    ) -> None:
        self.mailbox, self.password = mailbox, password
        self.context, self.implicit = context, implicit
        self.port = 0
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []

    def start(self) -> None:
        """Listen, on the port of before if there was one."""
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """Drop all connections and listen no more."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self.context is not None and self.implicit:
                connection = self.context.wrap_socket(connection, server_side=True)
            self._talk(connection, b"* OK ready\r\n")

    def _talk(self, connection: socket.socket, greeting: bytes) -> None:
        with connection, connection.makefile("rwb") as stream:
            stream.write(greeting)
            stream.flush()
            while line := stream.readline():
                tag, _, command = line.decode().strip().partition(" ")
                self.mailbox.commands.append(command)
                for answer in self._answers(command):
                    stream.write(answer)
                stream.write(f"{tag} {self._status(command)}\r\n".encode())
                stream.flush()
                if command.upper() == "LOGOUT":
                    return
                if command.upper() == "STARTTLS" and self.context is not None:
                    self._talk(self.context.wrap_socket(connection, server_side=True), b"")
                    return

    def _status(self, command: str) -> str:
        if command.upper().startswith("LOGIN") and self.password not in command:
            return "NO wrong"
        if command.upper().startswith("EXAMINE") and "INBOX" not in command:
            return "NO no such folder"
        return "OK done"

    def _answers(self, command: str) -> Iterator[bytes]:
        mailbox, words = self.mailbox, command.upper().split()
        if words[0] == "CAPABILITY":
            offered = b" STARTTLS" if self.context is not None and not self.implicit else b""
            yield b"* CAPABILITY IMAP4rev1" + offered + b"\r\n"
        elif words[0] == "EXAMINE":
            yield f"* {len(mailbox.mails)} EXISTS\r\n* OK [UIDVALIDITY {mailbox.uid_validity}] x\r\n".encode()
            yield f"* OK [UIDNEXT {max(mailbox.mails, default=0) + 1}] x\r\n".encode()
        elif words[:2] == ["UID", "SEARCH"]:
            yield ("* SEARCH" + "".join(f" {uid}" for uid in self._found(command)) + "\r\n").encode()
        elif words[:2] == ["UID", "FETCH"]:
            yield from self._fetched(int(words[2]), command)
        elif words[0] == "LOGOUT":
            yield b"* BYE bye\r\n"

    def _found(self, command: str) -> list[int]:
        mails = sorted(self.mailbox.mails)
        if since := _SINCE.search(command):
            day = datetime.strptime(since[1], "%d-%b-%Y").replace(tzinfo=UTC).date()
            return [uid for uid in mails if self.mailbox.arrived[uid] >= day]
        first = int(command.rpartition("UID ")[2].partition(":")[0].strip("()"))
        # As the standard says: a range that ends with * has the last mail in it, wherever it begins.
        return [uid for uid in mails if uid >= first] or mails[-1:]

    def _fetched(self, uid: int, command: str) -> Iterator[bytes]:
        raw = self.mailbox.mails.get(uid)
        if raw is None:
            return
        if "RFC822.SIZE" in command.upper():
            yield f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)})\r\n".encode()
            return
        if "BODY.PEEK[HEADER" in command.upper():
            head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            name = b"BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)]<0>"
            yield f"* 1 FETCH (UID {uid} ".encode() + name + f" {{{len(head)}}}\r\n".encode() + head + b")\r\n"
            return
        self.mailbox.on_fetch(uid)
        self.mailbox.fetched.append(uid)
        yield f"* 1 FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"


@contextmanager
def imap_server(context: ssl.SSLContext | None = None, *, implicit: bool = False) -> Iterator[ImapTestServer]:
    """Serve an empty mailbox: unencrypted, or with a context by STARTTLS or from the start."""
    server = ImapTestServer(ImapMailbox(), context=context, implicit=implicit)
    server.start()
    try:
        yield server
    finally:
        server.stop()
