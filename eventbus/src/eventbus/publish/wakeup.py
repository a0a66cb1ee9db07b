"""Wakes the relay after a commit, so that events don't wait for its next poll. A hint only: the relay polls anyway."""

import hashlib
import os
import select
import socket
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

from service_kit.exit_hooks import at_exit
from service_kit.service_settings import ServiceSettings
from sqlalchemy import make_url

MAX_DATAGRAM_BYTES = 8192
MAX_PATH_CHARACTERS = 100
"""A Unix socket's path holds 107 bytes on Linux, 103 elsewhere."""
PATTERN = "smartticket-*.sock"


def socket_path(runtime_dir: str, service: str, database_url: str) -> Path:
    """Return the path of the datagram socket of a service's relay on this machine: one per database, for every role."""
    url = make_url(database_url)
    digest = hashlib.sha256(f"{url.host}:{url.port}/{url.database}".encode()).hexdigest()[:8]
    return Path(runtime_dir) / f"smartticket-{service}-{digest}.sock"


def waker_for(settings: ServiceSettings) -> "Waker":
    """Return the waker of a process that is not the worker. HTTP services pass it to `outbox.connect`."""
    return Waker(socket_path(settings.runtime_dir, settings.service, settings.database_url))


class Waker:
    """Notifies a relay's wake-up socket. Never blocks, never raises; safe in any thread and after a fork."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket: socket.socket | None = None

    def wake(self) -> None:
        """Notify the relay of a commit. Where no relay receives, its next poll finds the events."""
        with suppress(OSError):
            if self._socket is None:
                waker = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                waker.setblocking(False)
                self._socket = waker
            self._socket.sendto(b"\0", self._path)

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class WakeupSocket:
    """A relay waits here for notifications: by `notify` from its process, after `bind` by datagrams from others."""

    def __init__(self, path: Path | None) -> None:
        self._path = path if path is not None and len(str(path)) <= MAX_PATH_CHARACTERS else None
        self._receiver, self._sender = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._bound_socket: socket.socket | None = None
        self._bound_file: tuple[int, int, int] | None = None
        """Process, device and inode, so that only the process that made the file removes it."""
        for end in (self._receiver, self._sender):
            end.setblocking(False)

    def bind(self) -> None:
        """Take over the service's socket path: wakers notify the process that holds the relay's lock."""
        if self._path is None:
            return
        self.unbind()
        remove_dead_sockets(self._path.parent)
        # Without a writable runtime folder the relay is slower: it relies on its polls.
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        bound.setblocking(False)
        try:
            self._path.unlink(missing_ok=True)
            bound.bind(str(self._path))
            self._path.chmod(0o600)
        except OSError:
            bound.close()
        else:
            self._bound_socket = bound
            with suppress(OSError):
                found = self._path.stat()
                self._bound_file = (os.getpid(), found.st_dev, found.st_ino)
            _bound_sockets.add(self)

    def unbind(self) -> None:
        """Close the bound socket and remove its file, unless another relay has taken over the path."""
        if self._bound_socket is not None:
            self._remove_file()
            self._bound_socket.close()
            self._bound_socket = None

    def _remove_file(self) -> None:
        """Remove the socket's file, unless it is another relay's or this process is a fork of its owner."""
        owned, self._bound_file = self._bound_file, None
        if owned is None or self._path is None or owned[0] != os.getpid():
            return
        with suppress(OSError):
            found = self._path.stat()
            if (found.st_dev, found.st_ino) == owned[1:]:
                self._path.unlink()

    def notify(self) -> None:
        """Notify the relay of this process. Never blocks, never raises."""
        with suppress(OSError):
            self._sender.send(b"\0")

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for a notification; return whether one came. Several count as one."""
        return bool(self.receive(seconds))

    def receive(self, seconds: float) -> list[bytes]:
        """Wait at most `seconds` for a notification; return the contents of all that came, in no order."""
        ends = [self._receiver] if self._bound_socket is None else [self._receiver, self._bound_socket]
        # `select` takes no descriptors above 1023, which a process that runs every service may have.
        poller = select.poll()
        for end in ends:
            poller.register(end, select.POLLIN)
        readable = {descriptor for descriptor, _ in poller.poll(max(seconds, 0.0) * 1000)}
        contents: list[bytes] = []
        for end in ends:
            with suppress(BlockingIOError):
                while end.fileno() in readable:
                    contents.append(end.recv(MAX_DATAGRAM_BYTES))
        return contents

    def close(self) -> None:
        """Close the sockets."""
        self.unbind()
        self._receiver.close()
        self._sender.close()


_bound_sockets: WeakSet[WakeupSocket] = WeakSet()


def unbind_all() -> None:
    """Remove the socket files of this process. Runs at its exit."""
    for wakeup in list(_bound_sockets):
        wakeup.unbind()


at_exit(unbind_all)


def remove_dead_sockets(folder: Path) -> None:
    """Remove the sockets that killed processes left in a folder; no process receives on them any more."""
    for path in folder.glob(PATTERN):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            probe.setblocking(False)
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
