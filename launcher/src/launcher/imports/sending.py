"""Sends rows side by side, and can be stopped between any two of them."""

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from launcher.client import BUSY, Gateway, explain

IN_FLIGHT = 8
LAST_SECONDS = 5.0
"""So long a stopped import waits for the answers about what it has sent."""
SYSTEM_WIDE = (401, 403, *BUSY)
"""Answers that every other row would get too."""


@dataclass(frozen=True)
class Sent:
    """What became of one row."""

    place: int
    ticket: int | None = None
    """None where there is none: refused, or deleted since an earlier import."""
    created_at: str = ""
    before: bool = False
    """The ticket was there already: an earlier import made it."""
    refused: str = ""


class Stopped(Exception):
    """The import can't go on; the text says why."""


def send_all(gateway: Gateway, tickets: Sequence[tuple[Mapping[str, str], str]], each: Callable[[Sent], None]) -> None:
    """Send tickets with their keys, and call `each` with what became of one.

    Raises Stopped where the system is away, and KeyboardInterrupt where the user stops it; what was answered
    until then has gone to `each`.
    """
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[Sent | Stopped] = queue.SimpleQueue()
    stop = threading.Event()
    for place in range(len(tickets)):
        todo.put(place)

    def work() -> None:
        while not stop.is_set():
            try:
                place = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put(_send(gateway, place, *tickets[place]))
            except Stopped as reason:
                done.put(reason)
                return

    # Threads that end with the process: a system that hangs must not keep the command from ending.
    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(IN_FLIGHT, len(tickets)))]
    for thread in threads:
        thread.start()
    try:
        for _ in tickets:
            _take(done.get(), each)
    except BaseException:
        stop.set()
        for thread in threads:
            thread.join(LAST_SECONDS / IN_FLIGHT)
        while not done.empty():
            found = done.get()
            if isinstance(found, Sent):
                each(found)
        raise


def _take(found: Sent | Stopped, each: Callable[[Sent], None]) -> None:
    if isinstance(found, Stopped):
        raise found
    each(found)


def _send(gateway: Gateway, place: int, ticket: Mapping[str, str], key: str) -> Sent:
    headers = {"Prefer": "respond-async", "Idempotency-Key": key}
    try:
        # 409: the try before this one is still under way.
        response = gateway.send_again("POST", "/api/tickets", busy=(*BUSY, 409), json=ticket, headers=headers)
    except click.ClickException as error:
        raise Stopped(error.message) from error
    if response.status_code in SYSTEM_WIDE:
        raise Stopped(explain(response))
    before = response.headers.get("Idempotency-Replayed", "") == "true"
    if response.status_code >= 400:
        # A stored answer that is a problem: the ticket was made, and was deleted since.
        return Sent(place, before=True) if before else Sent(place, refused=explain(response))
    made: dict[str, Any] = response.json()
    return Sent(place, int(made["id"]), str(made.get("created_at", "")), before)
