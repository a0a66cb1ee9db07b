"""Temporary virtual hosts on a running RabbitMQ."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from urllib.parse import unquote, urlsplit, urlunsplit

import pika
from pika.exceptions import AMQPError


def is_reachable(url: str) -> bool:
    """Return whether a broker accepts a connection at `url`."""
    try:
        pika.BlockingConnection(pika.URLParameters(url)).close()
    except (AMQPError, OSError):
        return False
    return True


@contextmanager
def temporary_vhost(url: str) -> Iterator[str]:
    """Create a virtual host; yield its address; delete it with its queues afterwards.

    Raises FileNotFoundError without `rabbitmqctl` on this machine, CalledProcessError where it fails.
    """
    parts = urlsplit(url)
    name = f"test-{token_hex(6)}"
    _rabbitmqctl("add_vhost", name)
    try:
        _rabbitmqctl("set_permissions", "-p", name, unquote(parts.username or "guest"), ".*", ".*", ".*")
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        _rabbitmqctl("delete_vhost", name)


def _rabbitmqctl(*arguments: str) -> None:
    command = shutil.which("rabbitmqctl", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/rabbitmq/sbin")
    if command is None:
        raise FileNotFoundError("rabbitmqctl is not installed")
    subprocess.run([command, "-q", *arguments], check=True, capture_output=True, timeout=60)  # noqa: S603
