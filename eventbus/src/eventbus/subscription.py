"""An event as a consumer gets it, and how a worker processes the events of a queue."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from eventbus.event import Envelope

View = TypeVar("View")
MAX_BATCH_EVENTS = 200


@dataclass
class Delivery(Generic[View]):
    """One event for a consumer: its envelope, the consumer's view of its body and the result of `prepare`.

    `is_latest` is false where a higher revision of the same type, producer and subject was applied before:
    such a delivery changes no state any more, but its reactions and appends still happen. `received_at` is a time of
    `time.monotonic`: a consumer's cache that was filled earlier may be too old for this event.
    """

    envelope: Envelope
    body: View
    is_latest: bool = True
    prepared: Any = None
    received_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, kw_only=True)
class QueueOptions:
    """How a service's worker processes one queue.

    - `track_revisions` makes the worker record revisions, which `Delivery.is_latest` needs. False for consumers that
      only react, or that keep the revisions in their own rows.
    - `prepare_threads` bounds how many events are prepared at once.
    - `max_batch_delay_seconds`: how long to wait for further events before processing a batch, for consumers without a
      latency target. Larger batches cost less CPU per event. An event of a type in `flush_on` ends the wait.
    - `max_batch_events` bounds a batch where preparing takes seconds or much memory: a batch is applied when all of it
      is prepared.
    """

    track_revisions: bool = False
    prepare_threads: int = 8
    max_batch_delay_seconds: float = 0.0
    flush_on: Collection[str] = ()
    max_batch_events: int = MAX_BATCH_EVENTS
