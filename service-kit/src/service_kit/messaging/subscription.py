"""What a service consumes: a queue per purpose, a handler per event type."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from service_kit.messaging.event import Envelope

View = TypeVar("View")
MOST_AT_ONCE = 200


@dataclass
class Delivery(Generic[View]):
    """One event handed to a consumer: its envelope, the consumer's own small view of its body, what `prepare` returned.

    `newest` is false where a higher revision of the same type, producer and subject was applied before:
    such a delivery changes no state any more, but its reactions and appends still happen. `received_at` is a time of
    `time.monotonic`: what a consumer keeps of an earlier look may be too old for an event that came after that look.
    """

    envelope: Envelope
    body: View
    newest: bool = True
    prepared: Any = None
    received_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Handler(Generic[View]):
    """How one event type is consumed.

    `view` is a dataclass with the body's fields this service needs (others are ignored); a body that doesn't fit is
    dead-lettered. `prepare` may do slow I/O and runs in a bounded pool outside any transaction, after a look into the
    inbox, which `cheap` spares it where doing the work twice costs less; it must not touch the database. `apply` is
    quick and runs in the worker's one transaction, for one or more deliveries in the order in which they came; it never
    commits. Deliveries of an ended subject never reach it, nor those that `concerns` says no to: they leave no trace,
    not even in the inbox. Not for guarded subscriptions, which would miss their revisions. `concerns` may look things
    up, outside any transaction; what it raises counts as what `prepare` and `apply` raise.
    """

    view: type[View]
    apply: Callable[[Session, Sequence[Delivery[View]]], None]
    prepare: Callable[[Delivery[View]], Any] | None = None
    cheap: bool = False
    concerns: Callable[[Delivery[View]], bool] = lambda _delivery: True


@dataclass(frozen=True)
class Subscription:
    """A queue of this service: `name` gives `<service>.<name>`; the keys of `handlers` are the event types it takes.

    `guarded` asks the worker to keep revisions, so that `Delivery.newest` means something; leave it out for pure
    reactions. `prepare_threads` bounds how many events are prepared at once. `max_batch_delay_seconds` is for what nobody waits
    for: so long is waited for more after a first event, which makes fewer, larger batches and leaves the processors to
    what somebody does wait for; an event of a `flush_on` type ends the waiting. `max_batch_events` bounds a batch where
    preparing takes seconds or memory: it is applied when all of it is prepared.
    """

    name: str
    handlers: Mapping[str, Handler[Any]] = field(default_factory=dict)
    guarded: bool = True
    prepare_threads: int = 8
    max_batch_delay_seconds: float = 0.0
    flush_on: Collection[str] = ()
    max_batch_events: int = MOST_AT_ONCE
