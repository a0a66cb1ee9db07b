"""Failures that an event causes, and failures that are independent of it."""

from dataclasses import dataclass
from typing import Any

import psycopg2.errors
import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.bus.port import BusDown, LostLease
from eventbus.retry.policy import RetryLater, is_transient
from eventbus.retry.retry_store import RetryStore
from eventbus.subscription import Delivery
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from .conftest import Build
from .shop import QUEUE, Moody, Thing, eventually, message, notes, rows, send, subscription

STATES = "select state, attempts, reason, company_id, subject, type from parked"


def test_poison_is_put_aside_and_its_companions_are_not_held_up(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    send(bus, *(message(subject=str(number), number=number) for number in range(50)))
    build(subscription(Moody({17}))).start()
    eventually(lambda: len(notes(kit)) == 49 and not bus.waiting(QUEUE))
    assert rows(kit, STATES) == [("waiting", 1, "ValueError: disliked", 1, "17", "thing.made")]
    assert rows(kit, "select next_attempt_at - first_failed_at between '3 s' and '6 s' from parked") == [(True,)]


def test_a_failed_event_is_tried_again_and_has_its_effect_once(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    moody = Moody({1})
    build(subscription(moody), retry_seconds=(0.1,) * 50).start()
    send(bus, message(number=1))
    eventually(lambda: rows(kit, "select attempts >= 2 from parked") == [(True,)])
    moody.mended()
    eventually(lambda: notes(kit) == ["thing.made 1 1"] and not rows(kit, STATES))


@pytest.mark.parametrize("failure", [OperationalError("select", {}, psycopg2.OperationalError()), RetryLater("away")])
def test_a_filter_runs_again_after_a_transient_error(
    kit: ServiceDatabase, bus: MemoryBus, build: Build, failure: Exception
) -> None:
    failures = [failure, failure]

    def concerns(_delivery: object) -> bool:
        if failures:
            raise failures.pop()
        return True

    send(bus, message(number=1), message(number=2, subject="2"))
    build(subscription(concerns=concerns, track_revisions=False)).start()
    eventually(lambda: notes(kit) == ["thing.made 1 1", "thing.made 2 2"] and not bus.waiting(QUEUE))
    assert not failures
    assert rows(kit, STATES) == []


def test_an_error_of_a_filter_counts_as_an_attempt(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    def concerns(delivery: Delivery[Thing]) -> bool:
        if delivery.body.number == 9:
            raise ValueError("unheard of")
        return True

    send(bus, message(number=9), message(subject="2"))
    build(subscription(concerns=concerns, track_revisions=False)).start()
    eventually(lambda: notes(kit) == ["thing.made 2 1"] and not bus.waiting(QUEUE))
    assert rows(kit, STATES) == [("waiting", 1, "ValueError: unheard of", 1, "1", "thing.made")]


def test_a_failure_of_a_single_event_is_one_attempt(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    moody = Moody({1})
    build(subscription(moody), retry_seconds=(600.0,)).start()
    send(bus, message(number=1))
    eventually(lambda: rows(kit, STATES) == [("waiting", 1, "ValueError: disliked", 1, "1", "thing.made")])
    assert moody.calls == 1


def test_after_the_last_try_an_event_is_a_dead_letter(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    build(subscription(Moody({1})), retry_seconds=(0.05, 0.05)).start()
    send(bus, message(number=1))
    eventually(lambda: rows(kit, STATES) == [("dead", 3, "ValueError: disliked", 1, "1", "thing.made")])
    assert notes(kit) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dataschema": "https://example.test/events/thing.made/v2"}, "version 2 of the type is not known here"),
        ({"type": "thing.unheard"}, "this queue has no consumer for the type"),
        ({"companyid": "0"}, "Expected `int` >= 1 - at `$.companyid`"),
        ({"companyid": "2"}, "the company of the body is not that of the envelope"),
        ({"subject": ""}, "Object missing required field `subject`"),
        ({"source": "s" * 101}, "Expected `str` of length <= 100 - at `$.source`"),
        ({"revision": "-1"}, "Expected `int` >= 0 - at `$.revision`"),
        ({"time": "yesterday"}, "Invalid RFC3339 encoded datetime - at `$.time`"),
    ],
)
def test_a_malformed_message_is_a_dead_letter_at_once(
    kit: ServiceDatabase, bus: MemoryBus, build: Build, changes: dict[str, str], reason: str
) -> None:
    send(bus, message(**changes), message(subject="good"), queue=QUEUE)
    build().start()
    eventually(lambda: notes(kit) == ["thing.made good 1"])
    [(state, attempts, stored_reason, company, _, _)] = rows(kit, STATES)
    assert (state, attempts, stored_reason) == ("dead", 0, reason)
    assert company == (9 if changes.get("companyid") == "0" else int(changes.get("companyid", 1)))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b'{"company_id": 1, "number": "one"}', b'{"company_id": 1}', b"\xff"]
)
def test_a_body_that_fits_no_view_is_a_dead_letter_at_once(
    kit: ServiceDatabase, bus: MemoryBus, build: Build, body: bytes
) -> None:
    whole = message()
    broken = type(whole)(whole.id, whole.type, whole.attributes, body)
    build().start()
    send(bus, broken, message(subject="good"))
    eventually(lambda: notes(kit) == ["thing.made good 1"])
    assert [row[0] for row in rows(kit, STATES)] == ["dead"]
    assert rows(kit, "select body from parked")[0][0].tobytes() == body


def test_only_the_event_with_nul_in_its_text_fails(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    build().start()
    send(bus, message(subject="a\0b"), message(subject="good"))
    eventually(lambda: notes(kit) == ["thing.made good 1"])
    assert rows(kit, "select state, subject from parked") == [("dead", "ab")]


@pytest.mark.parametrize(
    "changes",
    [{"id": "i\0d"}, {"id": "".join(chr(33 + number * 7919 % 9000) for number in range(3000))}, {"extra": "\\u0000"}],
    ids=["NUL in the id", "an id too long for an index", "a backslash before what looks like NUL"],
)
def test_attributes_that_no_table_can_hold_become_a_dead_letter_and_do_not_block_the_queue(
    kit: ServiceDatabase, bus: MemoryBus, build: Build, changes: dict[str, str]
) -> None:
    whole = message(**{"revision": "none", **changes})
    build().start()
    send(bus, type(whole)(changes.get("id", whole.id), whole.type, whole.attributes, whole.body))
    send(bus, message(subject="good"))
    eventually(lambda: notes(kit) == ["thing.made good 1"] and not bus.waiting(QUEUE))
    assert [row[0] for row in rows(kit, STATES)] == ["dead"]


def test_what_can_not_be_put_aside_yet_is_not_acknowledged(
    kit: ServiceDatabase, bus: MemoryBus, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full database answers late: the broken message must neither vanish nor take its neighbours along."""
    failures, park = iter(range(3)), RetryStore._park

    def refuse_at_first(*arguments: Any, **named: Any) -> str:
        if next(failures, None) is not None:
            raise _database_error(OperationalError, psycopg2.errors.QueryCanceled)
        return park(*arguments, **named)

    monkeypatch.setattr(RetryStore, "_park", refuse_at_first)
    send(bus, message(revision="none"), message(subject="good"), message(revision="none", number=2), queue=QUEUE)
    build().start()
    eventually(lambda: notes(kit) == ["thing.made good 1"] and not bus.waiting(QUEUE))
    assert [row[0] for row in rows(kit, STATES)] == ["dead", "dead"]


@dataclass(frozen=True)
class Surprising:
    """A view with an unforeseen error."""

    number: int

    def __post_init__(self) -> None:
        if self.number == 17:
            raise ZeroDivisionError


def test_an_unforeseen_error_while_reading_loses_neither_the_event_nor_its_companions(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    send(bus, *(message(subject=str(number), number=number) for number in range(16, 19)))
    build(subscription(view=Surprising)).start()
    eventually(lambda: len(notes(kit)) == 2 and not bus.waiting(QUEUE))
    assert rows(kit, STATES) == [("dead", 0, "ZeroDivisionError while reading it", 1, "17", "thing.made")]


def test_a_deadlock_costs_no_attempt_and_the_batch_is_done_later(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    moody = Moody({1}, error=lambda: OperationalError("select", {}, psycopg2.errors.DeadlockDetected()))
    worker = build(subscription(moody))
    worker.start()
    send(bus, message(number=1), message(subject="2", number=2))
    eventually(lambda: moody.calls >= 3)
    assert worker.status()[f"queue {QUEUE}"] == {"ok": False, "reason": "OperationalError"}
    moody.mended()
    eventually(lambda: len(notes(kit)) == 2 and not bus.waiting(QUEUE))
    assert rows(kit, STATES) == []
    eventually(lambda: worker.status()[f"queue {QUEUE}"] == {"ok": True})


def test_a_database_that_is_away_costs_no_attempt(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    worker = build()
    worker.start()
    send(bus, message(number=1))
    eventually(lambda: len(notes(kit)) == 1)
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(f"alter role {kit.roles.app} nologin")
        cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (kit.roles.app,))
        try:
            send(bus, *(message(subject=str(number), number=number) for number in range(2, 40)))
            eventually(lambda: not worker.status()[f"queue {QUEUE}"]["ok"])
        finally:
            cursor.execute(f"alter role {kit.roles.app} login")
    eventually(lambda: len(notes(kit)) == 39 and not bus.waiting(QUEUE))
    assert rows(kit, STATES) == []


def _database_error(kind: type[Exception], original: type[Exception]) -> Exception:
    return kind("select", {}, original())  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (BusDown(), True),
        (LostLease(), True),
        (PoolTimeoutError(), True),
        (_database_error(OperationalError, psycopg2.OperationalError), True),
        (_database_error(OperationalError, psycopg2.errors.SerializationFailure), True),
        (_database_error(OperationalError, psycopg2.errors.LockNotAvailable), True),
        (_database_error(OperationalError, psycopg2.errors.QueryCanceled), False),
        (_database_error(OperationalError, psycopg2.errors.ProgramLimitExceeded), False),
        (_database_error(IntegrityError, psycopg2.errors.UniqueViolation), False),
        (ValueError(), False),
        (TimeoutError(), False),
    ],
)
def test_only_what_says_nothing_about_the_event_costs_no_attempt(error: Any, passes: bool) -> None:
    assert is_transient(error) is passes
