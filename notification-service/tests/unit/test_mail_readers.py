"""The processes that read mails: a few that live long, of which a hostile mail ends its own alone."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from notification_service.adapters import mail_reader
from notification_service.adapters.mail_reader import ReaderPool
from notification_service.domain.inbound import Waiting, next_batch
from notification_service.domain.mail.message import ReadingInterrupted, Unreadable

from ..odd_mails import HEAD

GOOD = HEAD + b"\r\nIt jams."


def hostile(way: str) -> bytes:
    return HEAD + f"X-Hostile: {way}\r\n\r\nIt jams.".encode()


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReaderPool]:
    """One process, which does what a hostile mail says."""
    child = Path(__file__).parents[1] / "hostile_child.py"
    monkeypatch.setattr(mail_reader, "_COMMAND", (sys.executable, str(child)))
    made = ReaderPool(1)
    yield made
    made.close()


def text(pool: ReaderPool, raw: bytes = GOOD) -> str:
    return pool.read(raw, ()).mail.text


def test_one_process_reads_many_mails(pool: ReaderPool) -> None:
    text(pool)
    first = pool.pids()
    assert [text(pool) for _ in range(20)] == ["It jams."] * 20
    assert pool.pids() == first
    assert len(first) == 1


def test_a_process_is_replaced_after_a_number_of_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ReaderPool(1, mails=2)
    text(pool)
    first = pool.pids()
    text(pool)
    assert pool.pids() == []
    text(pool)
    assert pool.pids() != first
    pool.close()


def test_a_process_that_has_grown_is_replaced(pool: ReaderPool) -> None:
    assert text(pool, hostile("grow")) == "It jams."
    assert pool.pids() == []
    assert text(pool) == "It jams."


@pytest.mark.parametrize("way", ["abort", "spin"])
def test_a_mail_that_ends_its_process_is_refused_and_the_next_one_is_read(pool: ReaderPool, way: str) -> None:
    text(pool)
    with pytest.raises(Unreadable, match="too much time or memory") as refused:
        pool.read(hostile(way), ())
    assert not isinstance(refused.value, ReadingInterrupted)
    assert text(pool) == "It jams."


def test_a_mail_whose_processes_are_killed_may_be_read_later(pool: ReaderPool) -> None:
    text(pool)
    with pytest.raises(ReadingInterrupted, match="3 processes"):
        pool.read(hostile("kill"), ())
    assert text(pool) == "It jams."


def test_a_mail_is_read_alone_where_the_process_of_others_has_ended(pool: ReaderPool) -> None:
    text(pool)
    assert text(pool, hostile("once")) == "It jams."
    os.kill(pool.pids()[0], signal.SIGKILL)
    assert text(pool) == "It jams."


def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, pool: ReaderPool) -> None:
    monkeypatch.setattr(pool, "_seconds", 3.0)
    with pytest.raises(Unreadable, match="more than 3 seconds"):
        pool.read(hostile("hang"), ())


def test_what_a_library_prints_is_no_answer(pool: ReaderPool) -> None:
    assert text(pool, hostile("print")) == "It jams."


def test_a_process_has_no_secret_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFICATION_SIGNING_KEY", "secret")
    pool = ReaderPool(1)
    text(pool)
    environment = Path(f"/proc/{pool.pids()[0]}/environ")
    if environment.exists():
        assert b"NOTIFICATION" not in environment.read_bytes()
    pool.close()


def test_threads_share_the_processes(pool: ReaderPool) -> None:
    found: list[str] = []
    threads = [Thread(target=lambda: found.append(text(pool))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == ["It jams."] * 8
    assert len(pool.pids()) == 1


def test_a_mail_whose_process_has_ended_is_taken_alone() -> None:
    new, tried, other = Waiting(1, 1, 0), Waiting(1, 2, 1), Waiting(2, 3, 2)
    assert next_batch([new, tried, other], tried_first=True) == [tried]
    assert next_batch([new, tried, other], tried_first=False) == [new]
    assert next_batch([tried, other], tried_first=False) == [tried]
    assert next_batch([new, Waiting(2, 4, 0)], tried_first=True) == [new, Waiting(2, 4, 0)]
    assert next_batch([], tried_first=True) == []
