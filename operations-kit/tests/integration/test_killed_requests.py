"""A process that is killed leaves both the effect and the answer of its request, or neither."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import event
from sqlalchemy.orm import Session

from .test_idempotency import count, make

SECONDS = 180


@pytest.mark.parametrize(("moment", "stored"), [("before_commit", 0), ("after_commit", 1)])
def test_effect_and_answer_are_stored_together(
    send: Callable[..., Any], made: ServiceDatabase, moment: str, stored: int
) -> None:
    made.database.dispose()  # the child must not share a connection with its parent
    child = os.fork()
    if child == 0:
        event.listen(Session, moment, lambda _session: os.kill(os.getpid(), signal.SIGKILL))
        make(send, "k1")
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    kept = made.rows("select count(*) from idempotency_keys where status is not null")
    assert (count(made), kept) == (stored, [(stored,)])
    again = once_free(send)
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true" if stored else None)
    assert count(made) == 1


def once_free(send: Callable[..., Any]) -> Any:
    """Send the request until the killed one's transaction is rolled back; PostgreSQL notices the death later."""
    deadline = time.monotonic() + SECONDS
    while (response := make(send, "k1")).status_code == 409 and time.monotonic() < deadline:
        time.sleep(0.05)
    return response
