"""Every order, split into batches and repetition of events has the same effects."""

from collections import Counter

from eventbus.bus.memory import MemoryBus
from eventbus.event import Message
from eventbus.subscription import Delivery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase

from .conftest import Build
from .shop import QUEUE, Thing, message, rows, send, subscription

COMMON = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def arrivals(draw: st.DrawFn, with_ends: bool = False) -> tuple[list[Message], list[int]]:
    """Events of a few subjects in any order, some more than once, and how they are cut into batches."""
    keys = draw(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 6)), unique=True, max_size=14))
    messages = [
        message(subject=str(subject), company=company, revision=revision, number=revision)
        for company, subject, revision in keys
    ]
    if with_ends and draw(st.booleans()):
        messages.append(message("thing.ended", subject="1", company=1, revision=9, number=9))
    again = draw(st.lists(st.sampled_from(messages), max_size=6)) if messages else []
    order = draw(st.permutations(messages + again))
    return order, draw(st.lists(st.integers(1, 5), min_size=len(order), max_size=len(order)))


class State:
    """Keeps what a service would keep: the newest number per subject, and everything that ever happened."""

    def __init__(self) -> None:
        self.number: dict[tuple[int, str], int] = {}
        self.happened: Counter[str] = Counter()

    def __call__(self, session: object, deliveries: list[Delivery[Thing]]) -> None:
        for delivery in deliveries:
            key = (delivery.envelope.company_id, delivery.envelope.subject)
            self.happened[delivery.envelope.id] += 1
            if delivery.envelope.type == "thing.ended":
                self.number.pop(key, None)
            elif delivery.is_latest:
                self.number[key] = delivery.body.number


def _run(build: Build, bus: MemoryBus, order: list[Message], sizes: list[int]) -> State:
    state = State()
    receiving = build(subscription(state))._consumer_loops[0]
    consumer = bus.consumer(bus._queues[QUEUE], 200)
    waiting = list(order)
    for size in sizes:
        if waiting:
            send(bus, *waiting[:size])
            del waiting[:size]
            receiving.step(consumer, 0)
    return state


@COMMON
@given(arrived=arrivals())
def test_state_ends_with_the_highest_revision_and_everything_happened_once(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build, arrived: tuple[list[Message], list[int]]
) -> None:
    kit.clean()
    order, sizes = arrived
    state = _run(build, bus, order, sizes)
    highest: dict[tuple[int, str], int] = {}
    for item in order:
        key = (int(item.attributes["companyid"]), item.attributes["subject"])
        highest[key] = max(highest.get(key, 0), int(item.attributes["revision"]))
    assert state.number == highest
    assert set(state.happened) == {item.id for item in order}
    assert set(state.happened.values()) <= {1}


@COMMON
@given(arrived=arrivals(with_ends=True))
def test_after_a_subject_s_end_nothing_of_it_is_left_whatever_came_when(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build, arrived: tuple[list[Message], list[int]]
) -> None:
    kit.clean()
    order, sizes = arrived
    state = _run(build, bus, order, sizes)
    ended = {(1, "1")} if any(item.type == "thing.ended" for item in order) else set()
    assert not ended & set(state.number)
    assert {tuple(row) for row in rows(kit, "select company_id, subject from tombstones")} == ended
    assert set(state.happened.values()) <= {1}
    assert rows(kit, "select count(*) from inbox") == [(len({item.id for item in order}),)]
