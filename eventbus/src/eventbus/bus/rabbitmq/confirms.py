"""Matches published messages with the broker's confirms and returns. No I/O; only the I/O thread uses it."""

import threading
from collections import deque
from collections.abc import Sequence

from eventbus.bus.port import Outcome, Outgoing

Address = tuple[str, str, str]
"""Exchange, routing key and message id: the properties that identify a returned message."""


class Batch:
    """Messages published together; `finished` is set when each has an outcome."""

    def __init__(self, messages: Sequence[Outgoing]) -> None:
        self.messages = messages
        self.outcomes: list[Outcome | None] = [None] * len(messages)
        self.finished = threading.Event()
        self._open = len(messages)

    def decide(self, index: int, outcome: Outcome) -> None:
        """Record the outcome of one message; later outcomes are ignored."""
        if self.outcomes[index] is None:
            self.outcomes[index] = outcome
            self._open -= 1
            if not self._open:
                self.finished.set()

    def result(self) -> list[Outcome]:
        """Return the outcomes; messages without a confirm are unconfirmed."""
        return [outcome or Outcome.UNCONFIRMED for outcome in self.outcomes]


class Confirms:
    """Tracks the delivery tags of one channel in confirm mode, which count from 1 in the order of publishing."""

    def __init__(self) -> None:
        self._last_tag = 0
        self._open: dict[int, tuple[Batch, int, Address]] = {}
        self._by_address: dict[Address, deque[tuple[Batch, int]]] = {}

    def sent(self, batch: Batch, index: int, address: Address) -> None:
        """Record that a message was published."""
        self._last_tag += 1
        self._open[self._last_tag] = (batch, index, address)
        self._by_address.setdefault(address, deque()).append((batch, index))

    def returned(self, address: Address) -> None:
        """Record that a message reached no queue. The broker confirms it afterwards nevertheless."""
        for batch, index in self._by_address.get(address, ()):
            if batch.outcomes[index] is None:
                batch.decide(index, Outcome.UNROUTABLE)
                return

    def answered(self, tag: int, *, multiple: bool, accepted: bool) -> None:
        """Record the broker's ack or nack of one message, or of all up to it."""
        outcome = Outcome.CONFIRMED if accepted else Outcome.UNCONFIRMED
        if not multiple:
            self._decide(tag, outcome)
            return
        while self._open and (first := next(iter(self._open))) <= tag:
            self._decide(first, outcome)

    def lost(self) -> None:
        """Record that no more confirms will arrive."""
        for tag in list(self._open):
            self._decide(tag, Outcome.UNCONFIRMED)

    def _decide(self, tag: int, outcome: Outcome) -> None:
        entry = self._open.pop(tag, None)
        if entry is None:
            return
        batch, index, address = entry
        batch.decide(index, outcome)
        waiting = self._by_address[address]
        waiting.popleft()
        if not waiting:
            del self._by_address[address]
