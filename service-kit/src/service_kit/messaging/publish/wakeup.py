"""Waking the relay after a commit, so that nobody waits for its next look. A hint only: the relay looks anyway."""

import atexit
import hashlib
import os
import select
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import make_url

from service_kit.service_settings import ServiceSettings

MAX_DATAGRAM_BYTES = 8192
MAX_PATH_CHARACTERS = 100
"""A Unix socket's path holds 107 bytes on Linux, 103 elsewhere."""
PATTERN = "smartticket-*.sock"


def socket_path(runtime_dir: str, service: str, database_url: str) -> Path:
    """Name the datagram socket of a service's relay on this machine: one per database, whatever the role."""
    url = make_url(database_url)
    which = hashlib.sha256(f"{url.host}:{url.port}/{url.database}".encode()).hexdigest()[:8]
    return Path(runtime_dir) / f"smartticket-{service}-{which}.sock"


def waker_for(settings: ServiceSettings) -> "Waker":
    """Make the waker of a process that is not the worker: what `outbox.connect` is given on the HTTP side."""
    return Waker(socket_path(settings.runtime_dir, settings.service, settings.database_url))


class Waker:
    """Rings a relay's bell. Never blocks, never raises; safe in any thread and after a fork."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket: socket.socket | None = None

    def wake(self, _announced: Sequence[Any] = ()) -> None:
        """Tell the relay that something was committed. Where nobody listens, its own look finds it soon."""
        with suppress(OSError):
            if self._socket is None:
                made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                made.setblocking(False)
                self._socket = made
            self._socket.sendto(b"\0", self._path)

    def close(self) -> None:
        """Give the socket back."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class WakeupSocket:
    """What a relay waits on: rung in process by `ring`, from other processes by a datagram once it is hung out."""

    def __init__(self, path: Path | None) -> None:
        self._path = path if path is not None and len(str(path)) <= MAX_PATH_CHARACTERS else None
        self._inside, self._ringer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._outside: socket.socket | None = None
        self._bound: tuple[int, int, int] | None = None
        for end in (self._inside, self._ringer):
            end.setblocking(False)

    def bind(self) -> None:
        """Take over the service's socket: whoever holds the relay's lock is the one to be woken."""
        if self._path is None:
            return
        self.take_in()
        remove_dead_sockets(self._path.parent)
        # A runtime folder that can't be written to costs speed, nothing else.
        outside = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        outside.setblocking(False)
        try:
            self._path.unlink(missing_ok=True)
            outside.bind(str(self._path))
            self._path.chmod(0o600)
        except OSError:
            outside.close()
        else:
            self._outside = outside
            with suppress(OSError):
                found = self._path.stat()
                self._bound = (os.getpid(), found.st_dev, found.st_ino)
            _hung_out.add(self)

    def take_in(self) -> None:
        """Leave the socket's name to the next relay, and no file where there is none."""
        if self._outside is not None:
            self._remove_file()
            self._outside.close()
            self._outside = None

    def _remove_file(self) -> None:
        """Remove the socket's file, unless another relay has put its own there or a forked process asks."""
        bound, self._bound = self._bound, None
        if bound is None or self._path is None or bound[0] != os.getpid():
            return
        with suppress(OSError):
            found = self._path.stat()
            if (found.st_dev, found.st_ino) == bound[1:]:
                self._path.unlink()

    def ring(self) -> None:
        """Wake the relay of this process; never blocks, never raises."""
        with suppress(OSError):
            self._ringer.send(b"\0")

    def wait(self, seconds: float) -> bool:
        """Wait until somebody rings, at most so long; tell whether somebody did. Many rings count as one."""
        return bool(self.hear(seconds))

    def hear(self, seconds: float) -> list[bytes]:
        """Do the same, and return what each of them said, in no order."""
        ends = [self._inside] if self._outside is None else [self._inside, self._outside]
        # Not select: it can't take descriptors above 1023, which a process with every service in it may have.
        watcher = select.poll()
        for end in ends:
            watcher.register(end, select.POLLIN)
        rung = {descriptor for descriptor, _ in watcher.poll(max(seconds, 0.0) * 1000)}
        said: list[bytes] = []
        for end in ends:
            with suppress(BlockingIOError):
                while end.fileno() in rung:
                    said.append(end.recv(MAX_DATAGRAM_BYTES))
        return said

    def close(self) -> None:
        """Give the sockets back."""
        self.take_in()
        self._inside.close()
        self._ringer.close()


_hung_out: WeakSet[WakeupSocket] = WeakSet()


def unbind_all() -> None:
    """Remove the socket files of this process, for its end."""
    for bell in list(_hung_out):
        bell.take_in()


atexit.register(unbind_all)


def remove_dead_sockets(folder: Path) -> None:
    """Remove the sockets that killed processes left in a folder: nobody receives there any more."""
    for path in folder.glob(PATTERN):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            probe.setblocking(False)
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
