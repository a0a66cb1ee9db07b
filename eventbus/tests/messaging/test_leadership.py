"""One relay per service: it is stopped, killed or cut off, and another takes over."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.bus.port import BusDown
from eventbus.publish.leader_lock import LeaderLock, LostLock
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase

from .conftest import Build
from .shop import announce, event, eventually, notes, rows


def test_only_one_of_several_replicas_relays(database: Database) -> None:
    first, second = (LeaderLock(database.relay_connection, "shop") for _ in range(2))
    assert first.try_acquire()
    assert not second.try_acquire()
    first.release()
    eventually(second.try_acquire)  # the server ends the closed session in its own time
    assert not first.try_acquire()
    second.release()


def test_services_in_one_database_don_t_share_the_lock(database: Database) -> None:
    mine, theirs = LeaderLock(database.relay_connection, "shop"), LeaderLock(database.relay_connection, "other")
    assert mine.try_acquire()
    assert theirs.try_acquire()
    mine.release()
    theirs.release()


def test_a_relay_whose_session_the_server_ended_publishes_nothing_more(
    kit: ServiceDatabase, database: Database
) -> None:
    leader_lock = LeaderLock(database.relay_connection, "shop")
    assert leader_lock.try_acquire()
    rows(kit, f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{kit.roles.relay}'")
    leader_lock._used_at -= 60
    with pytest.raises(LostLock):
        leader_lock.confirm()
    assert not leader_lock.held


def test_a_unit_of_work_is_one_transaction_and_leaves_the_connection_in_autocommit(
    kit: ServiceDatabase, database: Database
) -> None:
    def insert(subject: str) -> None:
        with leader_lock.connection() as connection, connection.cursor() as cursor:
            cursor.execute("insert into inbox (queue, event_id, company_id, subject, type, event_time, received_at)"
                           " values ('q', gen_random_uuid(), 1, %s, 't', now(), now())", (subject,))  # fmt: skip

    def fail() -> None:
        with leader_lock.unit_of_work(transactional=True):
            insert("undone")
            raise ZeroDivisionError

    leader_lock = LeaderLock(database.relay_connection, "shop")
    assert leader_lock.try_acquire()
    with pytest.raises(ZeroDivisionError):
        fail()
    with leader_lock.unit_of_work(transactional=True):
        insert("done")
        assert rows(kit, "select subject from inbox") == []
    insert("at once")
    assert rows(kit, "select subject from inbox order by 1") == [("at once",), ("done",)]
    assert leader_lock.held
    leader_lock.release()


@pytest.mark.parametrize("error", [None, BusDown])
def test_a_transaction_whose_session_the_server_ended_ends_the_leadership(
    kit: ServiceDatabase, database: Database, error: type[Exception] | None
) -> None:
    def work() -> None:
        with leader_lock.unit_of_work(transactional=True):
            with leader_lock.connection() as connection, connection.cursor() as cursor:
                cursor.execute("select 1")
            rows(kit, f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{kit.roles.relay}'")
            if error is not None:
                with pytest.raises(psycopg2.OperationalError), connection.cursor() as cursor:
                    cursor.execute("select 1")
                raise error  # as the adapter does whose statement failed

    leader_lock = LeaderLock(database.relay_connection, "shop")
    assert leader_lock.try_acquire()
    with pytest.raises(LostLock):
        work()
    assert not leader_lock.held


def test_a_relay_that_failed_is_well_again_once_another_process_relays(
    kit: ServiceDatabase, database: Database, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = build()
    with monkeypatch.context() as patched:
        patched.setattr(type(worker.relay), "_run_turn", lambda _relay: 1 / 0)
        worker.start()
        eventually(lambda: not worker.relay.status()["ok"])
        other = LeaderLock(database.relay_connection, worker.relay._service)
        eventually(other.try_acquire)
    eventually(lambda: worker.relay.status() == {"ok": True, "active": False})
    other.release()


def test_a_relay_that_lost_its_lock_comes_back_and_goes_on(
    kit: ServiceDatabase, database: Database, build: Build
) -> None:
    worker = build()
    worker.start()
    eventually(lambda: worker.relay.active)
    rows(kit, f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{kit.roles.relay}'")
    announce(database, event())
    eventually(lambda: notes(kit) == ["thing.made 1 1"])


def test_the_lock_is_kept_while_the_relay_talks_to_a_slow_broker(database: Database) -> None:
    def connect() -> Any:
        connection = database.relay_connection()
        with connection.cursor() as cursor:
            cursor.execute("set idle_session_timeout = '5s'")
        return connection

    leader_lock, other = LeaderLock(connect, "shop"), LeaderLock(database.relay_connection, "shop")
    assert leader_lock.try_acquire()
    for _ in range(20):
        leader_lock._used_at -= 2  # as if it were longer ago
        leader_lock.confirm()
        time.sleep(0.3)
    assert leader_lock.held
    assert not other.try_acquire()
    leader_lock.release()


def test_a_relay_that_fails_for_good_gives_the_lock_away(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    first, second = build(), build()
    first.start()
    eventually(lambda: first.relay.active)
    second.start()
    announce(database, event())
    eventually(lambda: len(notes(kit)) == 1)
    assert not second.relay.active
    assert first.stop(60)
    eventually(lambda: second.relay.active)
    announce(database, event(subject="2"))
    eventually(lambda: len(notes(kit)) == 2)


@pytest.mark.slow
def test_a_stopped_relay_loses_its_lock_within_seconds_and_knows_it_before_it_publishes_on(
    kit: ServiceDatabase, database: Database
) -> None:
    program = Path(__file__).with_name("relay_to_stop.py")
    process = subprocess.Popen([sys.executable, str(program), kit.relay_url], stdout=subprocess.PIPE, text=True)
    other = LeaderLock(database.relay_connection, "shop")
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert not other.try_acquire()
        process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        eventually(other.try_acquire, seconds=60)
        assert time.monotonic() - began < 40
        process.send_signal(signal.SIGCONT)
        assert process.communicate(timeout=60)[0] == "lost\n"
        assert other.held
    finally:
        process.kill()
        process.communicate()
        other.release()


def test_a_database_that_is_away_shows_as_an_error_and_not_as_a_lock() -> None:
    def connect() -> Any:
        raise psycopg2.OperationalError("no database")

    leader_lock = LeaderLock(connect, "shop")
    with pytest.raises(psycopg2.OperationalError):
        leader_lock.try_acquire()
    assert not leader_lock.held
