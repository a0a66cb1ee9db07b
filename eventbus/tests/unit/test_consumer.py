"""What a service declares about its events becomes a subscription per queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from eventbus.consumer import Consumer, QueueOptions, subscriptions
from eventbus.subscription import Delivery

SESSION: Any = object()


@dataclass(frozen=True)
class View:
    number: int


@dataclass(frozen=True)
class Deps:
    calls: list[Any]


def apply(session: Any, deliveries: Sequence[Delivery[View]], deps: Deps) -> None:
    deps.calls.append(("apply", session, [delivery.body.number for delivery in deliveries]))


def test_consumers_of_one_queue_become_one_subscription_with_its_options() -> None:
    consumers = [
        Consumer("thing.made", view=View, apply=apply, queue="things"),
        Consumer(("thing.changed", "thing.deleted"), view=View, apply=apply, queue="things"),
        Consumer("thing.made", view=View, apply=apply, queue="mail", skip_dedup_check=lambda _deps: True),
    ]
    things, mail = subscriptions(consumers, {"things": QueueOptions(track_revisions=True)}, Deps([]))
    assert (things.name, list(things.consumers)) == ("things", ["thing.made", "thing.changed", "thing.deleted"])
    assert (things.track_revisions, mail.track_revisions) == (True, False)
    assert mail.consumers["thing.made"] is consumers[2]


def test_the_types_of_one_consumer_may_have_views_of_their_own() -> None:
    @dataclass(frozen=True)
    class Other:
        name: str

    views: dict[str, Any] = {"thing.made": View, "thing.named": Other}
    consumer = Consumer(list(views), view=views, apply=apply, queue="things")
    (things,) = subscriptions([consumer], {}, Deps([]))
    assert things.consumers == dict.fromkeys(views, consumer)
    assert {kind: consumer.view_of(kind) for kind in views} == views


def test_two_consumers_of_one_type_in_one_queue_are_a_mistake() -> None:
    consumer = Consumer("thing.made", view=View, apply=apply, queue="things")
    with pytest.raises(ValueError, match=r"things take thing\.made"):
        subscriptions([consumer, consumer], {}, Deps([]))


def test_options_of_a_queue_without_consumers_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="thigns"):
        subscriptions([], {"thigns": QueueOptions()}, Deps([]))
