"""Wakes the relay after a commit, so that events don't wait for its next poll. A hint only: the relay polls anyway."""

import hashlib
import os
import select
import socket
from contextlib import suppress
from pathlib import Path

from service_kit.exit_hooks import at_exit
from service_kit.service_settings import ServiceSettings
from sqlalchemy import make_url

MAX_DATAGRAM_BYTES = 8192
PATTERN = "smartticket-*.sock"


def socket_path(settings: ServiceSettings) -> Path:
    """Return the path of the datagram socket of a service's relay on this machine: one per database, for every role."""
    url = make_url(settings.database_url)
    digest = hashlib.sha256(f"{url.host}:{url.port}/{url.database}".encode()).hexdigest()[:8]
    return Path(settings.runtime_dir) / f"smartticket-{settings.service}-{digest}.sock"


def wake(path: Path) -> None:
    """Notify the relay's socket of a commit; where no relay receives, its next poll finds the events.

    Never blocks, never raises; safe in any thread and after a fork.
    """
    with suppress(OSError), _datagram_socket() as waker:
        waker.sendto(b"\0", str(path))


class WakeupSocket:
    """A relay waits here for notifications; they come as datagrams after `bind`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bound_socket: socket.socket | None = None
        self._bound_file: tuple[int, int, int] | None = None

    def bind(self) -> None:
        """Take over the service's socket path: wakers notify the process that holds the relay's lock."""
        self.unbind()
        remove_dead_sockets(self._path.parent)
        # With a path too long for a socket, the relay relies on its polls.
        bound = _datagram_socket()
        try:
            self._path.unlink(missing_ok=True)
            bound.bind(str(self._path))
            self._path.chmod(0o600)
            self._bound_socket, self._bound_file = bound, _owned_file(self._path)
            at_exit(self.unbind)
        except OSError:
            bound.close()

    def unbind(self) -> None:
        """Close the bound socket and remove its file, unless it is another relay's or this process is a fork."""
        if self._bound_socket is not None:
            with suppress(OSError):
                if _owned_file(self._path) == self._bound_file:
                    self._path.unlink()
            self._bound_socket.close()
            self._bound_socket = None

    def receive(self, seconds: float) -> list[bytes]:
        """Wait at most `seconds` for a notification; return the contents of all that came, in no order."""
        bound = self._bound_socket
        # `select` takes no descriptors above 1023, which a process that runs every service may have.
        poller = select.poll()
        if bound is not None:
            poller.register(bound, select.POLLIN)
        poller.poll(max(seconds, 0.0) * 1000)
        contents: list[bytes] = []
        with suppress(BlockingIOError):
            while bound is not None:
                contents.append(bound.recv(MAX_DATAGRAM_BYTES))
        return contents


def _datagram_socket() -> socket.socket:
    created = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    created.setblocking(False)
    return created


def _owned_file(path: Path) -> tuple[int, int, int]:
    """Return process, device and inode, so that only the process that made a socket's file removes it."""
    found = path.stat()
    return os.getpid(), found.st_dev, found.st_ino


def remove_dead_sockets(folder: Path) -> None:
    """Remove the sockets that killed processes left in a folder; no process receives on them any more."""
    for path in folder.glob(PATTERN):
        with suppress(OSError), _datagram_socket() as probe:
            try:
                probe.connect(str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
