"""Decides which published events count as done and which ones have to be published again."""

from eventbus.bus.port import Outcome
from eventbus.contracts import Contracts

NOT_CONFIRMED = "the broker refused it or did not confirm it in time"
NO_QUEUE = "no queue is bound to its type"


def failure_of(outcome: Outcome, event_type: str, contracts: Contracts) -> str | None:
    """Return why an event has to be published again, None where it is done.

    An unroutable event whose type has no deployed consumer is done: it needs no queue.
    """
    if outcome is Outcome.UNROUTABLE:
        return NO_QUEUE if contracts.has_consumer(event_type) else None
    return None if outcome is Outcome.CONFIRMED else NOT_CONFIRMED
