"""Declarations of the events that a service consumes: a `Consumer` per file of its folder `consumers/`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from eventbus.subscription import Delivery, QueueOptions

__all__ = ["Consumer", "QueueOptions", "Subscription", "subscriptions"]

View = TypeVar("View")
Deps = TypeVar("Deps", contravariant=True)


@dataclass(frozen=True)
class Consumer(Generic[View, Deps]):
    """How a service consumes one event type, or several types with the same effect.

    Every function gets the service's dependencies as its last argument (what `build` in `service.py` returned).

    - `event_types`: one type or several.
    - `view`: a dataclass with the fields of the body that this service uses; others are ignored. A body that doesn't
      fit becomes a dead letter. Where the fields of the types differ, a mapping of types to dataclasses.
    - `queue`: the queue `<service>.<queue>` receives the events; several consumers may share it.
    - `apply`: the effect. It is called once per batch, with the deliveries of all types in their order of arrival, in
      the worker's one transaction, and never commits. Deliveries of a deleted subject don't reach it.
    - `prepare`: slow I/O (models, HTTP). It runs in a bounded pool outside any transaction, only for events that
      are not in the inbox, and must not use the database.
    - `filter` decides whether the consumer handles a delivery. A rejected delivery is acknowledged without an inbox
      entry. It may do I/O outside any transaction; an exception counts as a failed attempt. Don't combine it
      with `track_revisions`: a rejected revision would not be recorded.
    - `skip_dedup_check` returns whether preparing an event twice is cheaper than the query of the inbox before it.
    """

    event_types: str | Collection[str]
    view: type[View] | Mapping[str, type[View]]
    apply: Callable[[Session, Sequence[Delivery[View]], Deps], None]
    queue: str
    prepare: Callable[[Delivery[View], Deps], Any] | None = None
    filter: Callable[[Delivery[View], Deps], bool] = lambda _delivery, _deps: True
    skip_dedup_check: Callable[[Deps], bool] = lambda _deps: False

    @property
    def types(self) -> tuple[str, ...]:
        """Return the event types."""
        return (self.event_types,) if isinstance(self.event_types, str) else tuple(self.event_types)

    def view_of(self, event_type: str) -> type[View]:
        """Return the view of one event type."""
        return self.view[event_type] if isinstance(self.view, Mapping) else self.view


@dataclass(frozen=True)
class Subscription(QueueOptions):
    """The queue `<service>.<name>` as a worker processes it: a consumer per event type, and their dependencies."""

    name: str
    consumers: Mapping[str, Consumer[Any, Any]]
    deps: Any = None


def subscriptions(
    declared: Sequence[Consumer[Any, Deps]], options: Mapping[str, QueueOptions], deps: Deps
) -> list[Subscription]:
    """Return a subscription per queue. Raises ValueError for a type that two consumers of a queue share, and for
    options of a queue without consumers."""
    by_queue: dict[str, dict[str, Consumer[Any, Any]]] = {}
    for consumer in declared:
        by_type = by_queue.setdefault(consumer.queue, {})
        if shared := by_type.keys() & consumer.types:
            raise ValueError(f"two consumers of {consumer.queue} take {', '.join(sorted(shared))}")
        by_type |= dict.fromkeys(consumer.types, consumer)
    if unknown := options.keys() - by_queue.keys():
        raise ValueError(f"no consumer has the queues {sorted(unknown)}")
    return [
        Subscription(queue, consumers, deps, **vars(options.get(queue, QueueOptions())))
        for queue, consumers in by_queue.items()
    ]
