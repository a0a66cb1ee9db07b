"""Temporary virtual hosts on a running RabbitMQ."""

import re
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


def free_file_descriptors() -> int | None:
    """Return how many file descriptors the broker has left; None from RabbitMQ 4 on, which has no limit of its own.

    Without any it accepts no connection until a queue is deleted: a quorum queue reserves three.
    """
    try:
        output = _rabbitmqctl("eval", "file_handle_cache:info([total_limit, total_used]).")
    except subprocess.CalledProcessError:
        return None
    limit, used = map(int, re.findall(r"\d+", output))
    return limit - used


def _rabbitmqctl(*arguments: str) -> str:
    command = shutil.which("rabbitmqctl", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/rabbitmq/sbin")
    if command is None:
        raise FileNotFoundError("rabbitmqctl is not installed")
    done = subprocess.run([command, "-q", *arguments], check=True, capture_output=True, text=True, timeout=60)  # noqa: S603
    return done.stdout
