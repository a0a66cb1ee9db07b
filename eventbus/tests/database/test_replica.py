"""A replica holds the newest state of each row, whatever the order and number of its events."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from eventbus.event import Envelope
from eventbus.replica import replica_consumer
from eventbus.subscription import Delivery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from service_kit.telemetry.cause import Cause
from service_kit.testing.postgres import ServiceDatabase


@dataclass(frozen=True)
class Changed:
    thing_id: int
    name: str | None
    is_active: bool


TYPES = ("thing.created", "thing.updated", "thing.deleted")
INACTIVE = replica_consumer("things", view=Changed, event_types=TYPES, queue="things", key="thing_id")
MARKED = replica_consumer(
    "things", view=Changed, event_types=TYPES, queue="things", key="thing_id", deleted_column="gone"
)


@pytest.fixture(scope="module")
def things(service_database: Callable[..., ServiceDatabase]) -> Iterator[ServiceDatabase]:
    made = service_database("kit", "service_kit.testing.migrations")
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("""
            create table kit.things (company_id int not null, thing_id bigint not null, name text,
                is_active boolean not null, gone boolean not null default false, revision int not null,
                primary key (company_id, thing_id));
            grant select, insert, update on kit.things to public
        """)
    yield made
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("drop table kit.things")


def delivery(kind: str, thing: int, revision: int, name: str | None = "n", company: int = 1) -> Delivery[Changed]:
    envelope = Envelope("id", kind, 1, "source", f"thing:{thing}", company, revision, "", Cause("r", "", "person", ""))
    return Delivery(envelope, Changed(thing, name, True))


def store(made: ServiceDatabase, consumer: Any, *batches: Sequence[Delivery[Changed]]) -> list[tuple[Any, ...]]:
    made.rows("delete from kit.things returning 1")
    for batch in batches:
        with made.database.session(1, 2) as session, session.begin():
            consumer.apply(session, batch, None)
    return made.rows("select company_id, thing_id, name, is_active, gone, revision from kit.things order by 1, 2")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_any_batches_and_repetitions_end_in_the_newest_state(things: ServiceDatabase, data: Any) -> None:
    events = [
        delivery("thing.deleted" if revision == 4 else "thing.updated", thing, revision, f"{thing}-{revision}", company)
        for company in (1, 2)
        for thing in (1, 2)
        for revision in range(1, data.draw(st.integers(2, 5)))
    ]
    received = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=5))))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(received)), max_size=4)))
    batches = [received[a:b] for a, b in zip([0, *cuts], [*cuts, len(received)], strict=True) if a < b]
    newest: dict[tuple[int, int], Delivery[Changed]] = {}
    for each in events:
        newest[each.envelope.company_id, each.body.thing_id] = each
    expected = [
        (company, thing, last.body.name, last.envelope.revision != 4, False, last.envelope.revision)
        for (company, thing), last in sorted(newest.items())
    ]
    assert store(things, INACTIVE, *batches) == expected


def test_a_deleted_row_stays_and_a_late_event_does_not_restore_it(things: ServiceDatabase) -> None:
    late = [delivery("thing.deleted", 7, 3)], [delivery("thing.created", 7, 1)]
    assert store(things, INACTIVE, *late) == [(1, 7, "n", False, False, 3)]
    assert store(things, MARKED, *late) == [(1, 7, "n", True, True, 3)]


@pytest.mark.parametrize("name", [None, "", 'quo"ted \\ {a,b}', "ünï \u2028 🎟", "NULL", "x" * 100_000])
def test_a_text_is_stored_as_it_came(things: ServiceDatabase, name: str | None) -> None:
    assert store(things, INACTIVE, [delivery("thing.created", 1, 1, name)]) == [(1, 1, name, True, False, 1)]
