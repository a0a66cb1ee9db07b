"""The listening socket of a service and the limits of its HTTP server."""

import errno
import resource
import socket
import time
from dataclasses import replace

from http_server.limits import Limits
from http_server.server import BACKLOG

from service_kit.service_settings import ServiceSettings

MAX_BIND_WAIT_SECONDS = 4.0
MAX_OPEN_FILES = 65_536
RESERVED_FILES = 256
"""File descriptors reserved for databases, brokers and calls to other services."""


class PortTaken(Exception):
    """Another process listens on the port."""


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket; raise PortTaken where the port stays taken for MAX_BIND_WAIT_SECONDS."""
    deadline = time.monotonic() + MAX_BIND_WAIT_SECONDS
    while True:
        try:
            return socket.create_server((host, port), backlog=BACKLOG)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise PortTaken(f"can't listen on {host}:{port} ({error.strerror}); free it or set PORT") from error
            time.sleep(0.1)


def limits_of(settings: ServiceSettings) -> Limits:
    """Return the server's limits; the process's open-file limit bounds the connections."""
    possible = max(_max_open_files() - RESERVED_FILES, 64)
    return replace(settings.limits, max_connections=min(settings.limits.max_connections, possible))


def _max_open_files() -> int:
    """Set the process's open-file limit to MAX_OPEN_FILES or to what the system allows; return it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit
