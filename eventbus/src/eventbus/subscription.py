"""A service's subscriptions: a queue per purpose, a handler per event type."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

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


@dataclass(frozen=True)
class Handler(Generic[View]):
    """How one event type is consumed.

    - `view`: a dataclass with the fields of the body that this service uses; others are ignored. A body that doesn't
      fit becomes a dead letter.
    - `prepare`: slow I/O (models, HTTP). It runs in a bounded pool outside any transaction, only for events that
      are not in the inbox, and must not use the database. Set `skip_dedup_check` where preparing an event twice is
      cheaper than that query.
    - `apply`: the effect. It runs in the worker's one transaction for one or more deliveries in their order of arrival,
      and never commits. Deliveries of a deleted subject don't reach it.
    - `filter` decides whether the consumer handles a delivery. A rejected delivery is acknowledged without an inbox
      entry. It may do I/O outside any transaction; an exception counts as one of `prepare` or `apply`. Don't combine it
      with `track_revisions`: a rejected revision would not be recorded.
    """

    view: type[View]
    apply: Callable[[Session, Sequence[Delivery[View]]], None]
    prepare: Callable[[Delivery[View]], Any] | None = None
    skip_dedup_check: bool = False
    filter: Callable[[Delivery[View]], bool] = lambda _delivery: True


@dataclass(frozen=True)
class Subscription:
    """A queue of this service and its handlers.

    - `name` gives the queue `<service>.<name>`; the keys of `handlers` are the event types it receives.
    - `track_revisions` makes the worker record revisions, which `Delivery.is_latest` needs. False for consumers that
      only react.
    - `prepare_threads` bounds how many events are prepared at once.
    - `max_batch_delay_seconds`: how long to wait for further events before processing a batch, for consumers without a
      latency target. Larger batches cost less CPU per event. An event of a type in `flush_on` ends the wait.
    - `max_batch_events` bounds a batch where preparing takes seconds or much memory: a batch is applied when all of it
      is prepared.
    """

    name: str
    handlers: Mapping[str, Handler[Any]] = field(default_factory=dict)
    track_revisions: bool = True
    prepare_threads: int = 8
    max_batch_delay_seconds: float = 0.0
    flush_on: Collection[str] = ()
    max_batch_events: int = MAX_BATCH_EVENTS
