"""The guard's counters on the real database: parallel tries, and what is left of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from auth_service.adapters.bulkhead import Bulkhead, HashingBusy
from auth_service.domain.guard import GuardKeys, Kind
from auth_service.store import guards
from auth_service.usecases import guard_tries
from auth_service.usecases.guard_tries import Guard, TooManyTries
from auth_service.usecases.remove_expired import RemoveExpired
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase

KEYS = GuardKeys(b"k" * 32)
NAME = b"n" * 32

Rows = Callable[..., list[tuple[Any, ...]]]


class WrongGuess(Exception):
    """A guess was checked and wrong."""


@pytest.fixture
def database(made: ServiceDatabase) -> Database:
    made.clean()
    return made.database


@pytest.fixture
def guard(database: Database) -> Guard:
    return Guard(database, Bulkhead(16))


def test_of_fifty_parallel_tries_from_as_many_networks_ten_are_admitted(guard: Guard, rows: Rows) -> None:
    begin = Barrier(10)

    def guess(number: int) -> bool:
        begin.wait(10)
        keys = KEYS.of_login(NAME, f"10.0.{number}.1", None)
        admitted = guard.count(keys).admitted
        if admitted:
            guard.fail(keys)
        return admitted

    with ThreadPoolExecutor(10) as threads:
        admitted = sum(threads.map(guess, range(50)))
    assert admitted == 10
    # The name, and a network and a pair for each admitted try; a refused one counts on nothing.
    tries = rows("select tries from login_guards where tries > 0 order by tries")
    assert tries == [(1,)] * 20 + [(10,)]


def test_of_fifty_parallel_tries_from_one_network_five_are_checked_at_a_time(guard: Guard) -> None:
    keys = KEYS.of_login(NAME, "192.0.2.1", None)
    with ThreadPoolExecutor(10) as threads:
        # Without the wait for a place.
        decisions = list(threads.map(lambda _: guard._count(keys), range(50)))
    assert [decision.admitted for decision in decisions].count(True) == 5
    assert [decision.is_busy for decision in decisions].count(True) == 45
    for _ in range(5):
        guard.fail(keys)
    refused = guard._count(keys)
    assert (refused.closed, refused.retry_after_seconds) == ({Kind.NAME_AT_NETWORK}, 1)


def test_a_try_waits_for_a_place_and_gets_it_as_soon_as_another_ends(guard: Guard) -> None:
    keys = KEYS.of_second_factor(1, 7)
    for _ in range(5):
        guard.count(keys)
    with ThreadPoolExecutor(1) as threads:
        sixth = threads.submit(guard.count, keys)
        with pytest.raises(TimeoutError):
            sixth.result(0.3)
        guard.take_back(keys)
        assert sixth.result(5).admitted


def test_a_try_that_gets_no_place_in_time_is_told_to_come_again(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_tries, "MAX_WAIT_SECONDS", 0.1)
    keys = KEYS.of_second_factor(1, 7)
    for _ in range(5):
        guard.count(keys)
    with pytest.raises(HashingBusy):
        guard.count(keys)


def test_only_as_many_threads_wait_for_a_place_as_may(database: Database) -> None:
    guard = Guard(database, Bulkhead(1))
    keys = KEYS.of_second_factor(1, 7)
    for _ in range(5):
        guard.count(keys)
    with ThreadPoolExecutor(1) as threads, guard.bulkhead.slot(), pytest.raises(HashingBusy):
        threads.submit(guard.count, keys).result(5)


def test_parallel_right_tries_leave_nothing_behind(guard: Guard, rows: Rows) -> None:
    keys = KEYS.of_login(NAME, "192.0.2.1", None)

    def sign_in(_number: int) -> None:
        with guard.counted(keys):
            pass

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(sign_in, range(40)))
    assert rows("select distinct tries, pending, closed_until from login_guards") == [(0, 0, None)]


def test_a_block_that_raises_leaves_the_try_counted_and_a_closed_counter_runs_no_block(guard: Guard) -> None:
    keys = KEYS.of_second_factor(1, 7)
    for _ in range(5):
        with pytest.raises(WrongGuess), guard.counted(keys):
            raise WrongGuess
    with pytest.raises(TooManyTries) as caught, guard.counted(keys):
        pytest.fail("a guess was checked")
    assert 890 <= caught.value.retry_after_seconds <= 901


def test_a_try_that_was_not_checked_does_not_count(guard: Guard, rows: Rows) -> None:
    keys = KEYS.of_second_factor(1, 7)
    with pytest.raises(HashingBusy), guard.counted(keys):
        raise HashingBusy
    with pytest.raises(WrongGuess), guard.counted(keys, unless=(WrongGuess,)):
        raise WrongGuess
    assert rows("select tries, pending from login_guards") == [(0, 0)]


def test_a_forgotten_name_is_open_again(guard: Guard) -> None:
    for number in range(10):
        keys = KEYS.of_login(NAME, f"10.0.{number}.1", None)
        assert guard.count(keys).admitted
        guard.fail(keys)
    fresh = KEYS.of_login(NAME, "10.1.0.1", None)
    assert not guard.count(fresh).admitted
    guard.forget(KEYS.of_name(NAME))
    assert guard.count(fresh).admitted


def test_counters_are_deleted_once_their_tries_are_forgotten(guard: Guard, database: Database, rows: Rows) -> None:
    guard.count(KEYS.of_login(NAME, "192.0.2.1", None))
    with database.session() as session, session.begin():
        assert guards.remove_forgotten(session) == 0
    rows("update login_guards set raised_at = now() - interval '2 days 1 second' returning key")
    with database.session() as session, session.begin():
        assert guards.remove_forgotten(session) == 3
    assert rows("select key from login_guards") == []


def test_the_hourly_job_deletes_every_forgotten_counter(
    guard: Guard, database: Database, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "BATCH", 4)
    for number in range(5):
        guard.count(KEYS.of_login(NAME, f"10.0.{number}.1", None))
    rows("update login_guards set raised_at = now() - interval '2 days 1 second' returning key")
    guard.count(KEYS.of_second_factor(1, 7))
    RemoveExpired(database).run()
    assert rows("select pending from login_guards") == [(1,)]


def test_the_table_shows_neither_names_nor_addresses(guard: Guard, rows: Rows) -> None:
    guard.count(KEYS.of_login(NAME, "192.0.2.1", None))
    stored = b"".join(bytes(key) for (key,) in rows("select key from login_guards"))
    assert NAME not in stored
    assert b"192.0.2" not in stored
