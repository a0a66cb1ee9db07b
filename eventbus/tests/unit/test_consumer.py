"""What a service declares about its events becomes a subscription per queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from eventbus.consumer import Consumer, QueueOptions, subscriptions
from eventbus.event import Envelope
from eventbus.subscription import Delivery
from service_kit.telemetry.cause import Cause

SESSION: Any = object()


@dataclass(frozen=True)
class View:
    number: int


@dataclass(frozen=True)
class Deps:
    calls: list[Any]


def apply(session: Any, deliveries: Sequence[Delivery[View]], deps: Deps) -> None:
    deps.calls.append(("apply", session, [delivery.body.number for delivery in deliveries]))


def prepare(delivery: Delivery[View], deps: Deps) -> str:
    deps.calls.append(("prepare", delivery.body.number))
    return "prepared"


def is_even(delivery: Delivery[View], _deps: Deps) -> bool:
    return delivery.body.number % 2 == 0


def delivery(number: int) -> Delivery[View]:
    cause = Cause("r", "", "person", "")
    return Delivery(Envelope("id", "thing.made", 1, "source", "subject", 1, 1, "", cause), View(number))


def test_every_function_gets_the_dependencies_last() -> None:
    deps = Deps([])
    consumer = Consumer("thing.made", view=View, apply=apply, queue="things", prepare=prepare, filter=is_even)
    handler = consumer.handlers(deps)["thing.made"]
    handler.apply(SESSION, [delivery(1), delivery(2)])
    assert handler.prepare is not None
    assert handler.prepare(delivery(3)) == "prepared"
    assert [handler.filter(delivery(number)) for number in (1, 2)] == [False, True]
    assert deps.calls == [("apply", SESSION, [1, 2]), ("prepare", 3)]
    assert not handler.skip_dedup_check


def test_consumers_of_one_queue_become_one_subscription_with_its_options() -> None:
    consumers = [
        Consumer("thing.made", view=View, apply=apply, queue="things"),
        Consumer(("thing.changed", "thing.deleted"), view=View, apply=apply, queue="things"),
        Consumer("thing.made", view=View, apply=apply, queue="mail", skip_dedup_check=lambda _deps: True),
    ]
    things, mail = subscriptions(consumers, {"things": QueueOptions(track_revisions=True)}, Deps([]))
    assert (things.name, list(things.handlers)) == ("things", ["thing.made", "thing.changed", "thing.deleted"])
    assert (things.track_revisions, mail.track_revisions) == (True, False)
    assert mail.handlers["thing.made"].skip_dedup_check


def test_the_types_of_one_consumer_share_one_apply_and_may_have_views_of_their_own() -> None:
    @dataclass(frozen=True)
    class Other:
        name: str

    views: dict[str, Any] = {"thing.made": View, "thing.named": Other}
    consumer = Consumer(list(views), view=views, apply=apply, queue="things")
    (things,) = subscriptions([consumer], {}, Deps([]))
    made, named = things.handlers.values()
    assert (made.view, named.view) == (View, Other)
    assert made.apply is named.apply


def test_two_consumers_of_one_type_in_one_queue_are_a_mistake() -> None:
    consumer = Consumer("thing.made", view=View, apply=apply, queue="things")
    with pytest.raises(ValueError, match=r"things take thing\.made"):
        subscriptions([consumer, consumer], {}, Deps([]))


def test_options_of_a_queue_without_consumers_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="thigns"):
        subscriptions([], {"thigns": QueueOptions()}, Deps([]))
