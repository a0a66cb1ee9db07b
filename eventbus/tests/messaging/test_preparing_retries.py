"""Retries respect the maximum batch size of their queue."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from eventbus.retry.scheduler import RetryScheduler


class _Session:
    """A session of the relay with `due` due events."""

    def __init__(self, due: int) -> None:
        self._due = due

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Begin a transaction."""
        yield

    def execute(self, *_: Any) -> list[Any]:
        """Return the due events."""
        return [
            SimpleNamespace(id=n, queue="q", event_id=str(n), type="t", message_headers={}, body=b"")
            for n in range(self._due)
        ]


class _Database:
    @contextmanager
    def relay_session(self) -> Iterator[_Session]:
        """Return a session."""
        yield _Session(5)


class _Processor:
    """A processor whose batches hold at most two events."""

    max_batch_events = 2

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def handle(self, received: Sequence[Any], _consumer: object) -> set[str]:
        """Record the size of a batch."""
        self.sizes.append(len(received))
        return set()


def test_due_events_are_split_into_batches_of_the_maximum_size() -> None:
    processor, deleted = _Processor(), []
    retry_store = SimpleNamespace(delete=deleted.extend)
    scheduler = RetryScheduler(_Database(), retry_store, {"q": processor})  # type: ignore[arg-type]
    assert scheduler.step() == 5
    assert processor.sizes == [2, 2, 1]
    assert deleted == [0, 1, 2, 3, 4]
