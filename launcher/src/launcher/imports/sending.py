"""Sends tickets in parallel; can be stopped after any of them."""

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from launcher.client import BUSY, Gateway, explain

MAX_IN_FLIGHT = 8
STOP_SECONDS = 5.0
"""How long a stopped import waits for outstanding responses."""
SYSTEM_WIDE = (401, 403, *BUSY)
"""Statuses that every other row would get too."""


@dataclass(frozen=True)
class Sent:
    """The result of sending one row."""

    index: int
    ticket: int | None = None
    """None if the row was refused, or if an earlier import's ticket was deleted."""
    created_at: str = ""
    replayed: bool = False
    """An earlier import created the ticket."""
    refused: str = ""


class Stopped(Exception):
    """The import can't continue; the message is the reason."""


def send_all(
    gateway: Gateway, tickets: Sequence[tuple[Mapping[str, str], str]], on_sent: Callable[[Sent], None]
) -> None:
    """Send tickets with their keys; call `on_sent` with each result, in the caller's thread.

    Raises Stopped if the system is unavailable, and KeyboardInterrupt if the user stops the import, after `on_sent` has
    received all results up to then.
    """
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[Sent | Stopped] = queue.SimpleQueue()
    stop = threading.Event()
    for index in range(len(tickets)):
        todo.put(index)

    def work() -> None:
        while not stop.is_set():
            try:
                index = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put(_send(gateway, index, *tickets[index]))
            except Stopped as reason:
                done.put(reason)
                return

    # Daemon threads: a system that hangs must not keep the command from ending.
    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(MAX_IN_FLIGHT, len(tickets)))]
    for thread in threads:
        thread.start()
    try:
        for _ in tickets:
            _deliver(done.get(), on_sent)
    except BaseException:
        stop.set()
        for thread in threads:
            thread.join(STOP_SECONDS / MAX_IN_FLIGHT)
        while not done.empty():
            found = done.get()
            if isinstance(found, Sent):
                on_sent(found)
        raise


def _deliver(found: Sent | Stopped, on_sent: Callable[[Sent], None]) -> None:
    if isinstance(found, Stopped):
        raise found
    on_sent(found)


def _send(gateway: Gateway, index: int, ticket: Mapping[str, str], key: str) -> Sent:
    headers = {"Prefer": "respond-async", "Idempotency-Key": key}
    try:
        # 409: an earlier attempt with this key is still running.
        response = gateway.send_with_retry("POST", "/api/tickets", busy=(*BUSY, 409), json=ticket, headers=headers)
    except click.ClickException as error:
        raise Stopped(error.message) from error
    if response.status_code in SYSTEM_WIDE:
        raise Stopped(explain(response))
    replayed = response.headers.get("Idempotency-Replayed", "") == "true"
    if response.status_code >= 400:
        # A replayed problem: the ticket was created and later deleted.
        return Sent(index, replayed=True) if replayed else Sent(index, refused=explain(response))
    made: dict[str, Any] = response.json()
    return Sent(index, int(made["id"]), str(made.get("created_at", "")), replayed)
