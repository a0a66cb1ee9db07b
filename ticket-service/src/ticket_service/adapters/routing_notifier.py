"""Sends routing notifications from the worker to the HTTP processes of the same machine, by local datagrams.

A notification is a hint: a process that misses one still polls the database.
"""

import os
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import orjson
from eventbus.publish.wakeup import WakeupSocket, socket_path
from service_kit.service_settings import ServiceSettings

from ticket_service.store.routings import Key

SOCKET_SCAN_SECONDS = 1.0
MAX_TICKETS_PER_DATAGRAM = 100
"""A datagram holds this many tickets however large their numbers are. For a larger batch it holds `null`."""


def open_wakeup_socket(settings: ServiceSettings) -> WakeupSocket:
    """Open and return the socket on which this process receives notifications. Call it after a fork."""
    service_socket = socket_path(settings)
    wakeup = WakeupSocket(service_socket.with_name(f"{service_socket.stem}-waits-{os.getpid()}.sock"))
    wakeup.bind()
    return wakeup


class RoutingNotifier:
    """Sends a datagram to every waiting HTTP process of the service on this machine. Never blocks, never raises."""

    def __init__(self, settings: ServiceSettings) -> None:
        service_socket = socket_path(settings)
        self._folder = service_socket.parent
        self._pattern = f"{service_socket.stem}-waits-*.sock"
        self._sockets: Sequence[Path] = ()
        self._next_scan_at = 0.0

    def notify(self, routed: Mapping[Key, int]) -> None:
        """Send, for each ticket, the revision of the newest routing request that its shown routing answers.

        The folder of sockets is scanned once a second, so a process younger than that may have to poll.
        """
        with suppress(OSError):
            if time.monotonic() >= self._next_scan_at:
                self._next_scan_at = time.monotonic() + SOCKET_SCAN_SECONDS
                self._sockets = [path for path in self._folder.glob(self._pattern) if _is_alive(path)]
            if not self._sockets:
                return
            entries = None
            if len(routed) <= MAX_TICKETS_PER_DATAGRAM:
                entries = [[*key, request_revision] for key, request_revision in routed.items()]
            datagram = orjson.dumps(entries)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                for path in self._sockets:
                    with suppress(OSError):
                        sender.sendto(datagram, str(path))


def parse_notifications(datagrams: Iterable[bytes]) -> dict[Key, int] | None:
    """Return, by ticket, the revision of the newest routing request answered.

    Returns None where a datagram lists no tickets: then any ticket may have been routed.
    """
    routed: dict[Key, int] = {}
    try:
        for datagram in datagrams:
            for company_id, ticket_id, request_revision in orjson.loads(datagram):
                key = (int(company_id), int(ticket_id))
                routed[key] = max(int(request_revision), routed.get(key, 0))
    except (TypeError, ValueError):
        return None
    return routed


def _is_alive(path: Path) -> bool:
    """Return whether the process of a socket runs; remove the socket of one that was killed."""
    number = path.stem.rpartition("-")[2]
    if number.isdigit() and Path("/proc/self").exists() and not Path(f"/proc/{number}").exists():
        path.unlink(missing_ok=True)
        return False
    return True
