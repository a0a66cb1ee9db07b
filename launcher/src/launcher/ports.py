"""Free and taken TCP ports."""

import secrets
import socket

import psutil

FIRST_PORT, LAST_PORT = 20_000, 32_000
"""Below the ports of outgoing connections (from 32,768 on Linux), which could take one before its owner listens."""
_given: set[int] = set()


def free_port() -> int:
    """Return a free loopback port, another one at each call."""
    while True:
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port


def port_owner(host: str, port: int) -> str | None:
    """Return the process that listens on a port, None if the port is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return _owner(port)
    return None


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections(kind="tcp"):
            address = connection.laddr
            if connection.status == psutil.CONN_LISTEN and address and address.port == port and connection.pid:
                return f"process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except (psutil.Error, OSError):
        pass
    return "another process"
