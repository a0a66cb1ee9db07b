"""What is tried again keeps to the bounds of its queue."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from service_kit.messaging.retry.scheduler import RetryScheduler


class _Session:
    """A session of the relay in which so many events are due."""

    def __init__(self, due: int) -> None:
        self._due = due

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Begin a transaction."""
        yield

    def execute(self, *_: Any) -> list[Any]:
        """Return what is due."""
        return [
            SimpleNamespace(id=n, queue="q", event_id=str(n), type="t", message_headers={}, body=b"")
            for n in range(self._due)
        ]


class _Database:
    @contextmanager
    def relay_session(self) -> Iterator[_Session]:
        """Give a session."""
        yield _Session(5)


class _Consuming:
    """A queue of which two events may be prepared at once."""

    most = 2

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def handle(self, received: Sequence[Any], _consumer: object) -> set[str]:
        """Note how many came."""
        self.sizes.append(len(received))
        return set()


def test_a_queue_that_takes_two_at_once_is_not_given_all_that_is_due() -> None:
    consuming, forgotten = _Consuming(), []
    parking = SimpleNamespace(forget=forgotten.extend)
    retries = RetryScheduler("service", _Database(), parking, {"q": consuming})  # type: ignore[arg-type]
    assert retries.step() == 5
    assert consuming.sizes == [2, 2, 1]
    assert forgotten == [0, 1, 2, 3, 4]
