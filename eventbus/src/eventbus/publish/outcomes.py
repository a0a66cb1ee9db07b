"""Decides which published events count as done and which ones have to be published again."""

from collections.abc import Sequence
from typing import Any

from eventbus.bus.port import Outcome
from eventbus.contracts import Contracts

NOT_CONFIRMED = "the broker refused it or did not confirm it in time"
NO_QUEUE = "no queue is bound to its type"


def split_by_outcome(
    contracts: Contracts, rows: Sequence[Any], outcomes: Sequence[Outcome]
) -> tuple[list[Any], list[tuple[str, str]]]:
    """Return the rows that are done, and (id, reason) of those that failed.

    An unroutable event whose type has no deployed consumer is done: it needs no queue.
    """
    done: list[Any] = []
    failed: list[tuple[str, str]] = []
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome is Outcome.CONFIRMED or (outcome is Outcome.UNROUTABLE and not contracts.has_consumer(row.type)):
            done.append(row)
        else:
            failed.append((row.id, NO_QUEUE if outcome is Outcome.UNROUTABLE else NOT_CONFIRMED))
    return done, failed
