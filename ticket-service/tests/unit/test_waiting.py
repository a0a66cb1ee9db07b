"""Waiting for routings."""

import socket
import threading
import time
from pathlib import Path

import pytest
from service_kit.messaging.wake import Bell
from ticket_service import waiting
from ticket_service.waiting import RoutingWaiter


class Routings:
    """What a database would say."""

    def __init__(self) -> None:
        self.revisions: dict[tuple[int, int], int] = {}
        """The newest wish that each ticket's routing answers; a ticket without a routing is not in it."""
        self.looks = 0
        self.looked = threading.Condition()
        self.broken = False

    def look(self, company_id: int, wishes: dict[int, int]) -> dict[int, int]:
        with self.looked:
            self.looks += 1
            self.looked.notify_all()
        if self.broken:
            raise OSError("down")
        known = {ticket: self.revisions.get((company_id, ticket), -1) for ticket in wishes}
        return {ticket: answered for ticket, answered in known.items() if answered >= wishes[ticket]}

    def wait_for_looks(self, number: int) -> None:
        with self.looked:
            assert self.looked.wait_for(lambda: self.looks >= number, timeout=60)


@pytest.fixture
def routings() -> Routings:
    return Routings()


def later(waiter: RoutingWaiter, *arguments: int) -> tuple[threading.Thread, list[bool | None]]:
    """Let a thread wait as long as it takes; its answer is in the list afterwards."""
    answers: list[bool | None] = []
    thread = threading.Thread(target=lambda: answers.append(waiter.wait(*arguments, 30, asked=True)))
    thread.start()
    return thread, answers


def test_who_waits_is_told_of_the_routing(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.look, 4)
    thread, answers = later(waiter, 1, 7, 0)
    routings.wait_for_looks(2)
    routings.revisions[2, 7] = 1
    routings.wait_for_looks(routings.looks + 2)
    assert not answers, "another company's ticket"
    routings.revisions[1, 7] = 1
    thread.join(60)
    assert answers == [True]


def test_of_two_who_wait_for_one_ticket_each_gets_the_routing_that_answers_its_wish(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.look, 4)
    first, first_answers = later(waiter, 1, 7, 1)
    second, second_answers = later(waiter, 1, 7, 2)
    routings.revisions[1, 7] = 1
    first.join(60)
    assert first_answers == [True]
    routings.wait_for_looks(routings.looks + 2)
    assert not second_answers
    routings.revisions[1, 7] = 2
    second.join(60)
    assert second_answers == [True]


def test_a_ticket_without_a_wish_waits_for_any_routing(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.look, 4)
    thread, answers = later(waiter, 1, 7, 0)
    routings.wait_for_looks(2)
    assert not answers
    routings.revisions[1, 7] = 0
    thread.join(10)
    assert answers == [True]


def test_more_than_the_places_do_not_wait(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.look, 1)
    thread, _ = later(waiter, 1, 7, 0)
    routings.wait_for_looks(1)
    assert waiter.wait(1, 8, 0, 30, asked=True) is None
    routings.revisions[1, 7] = 1
    thread.join(60)
    routings.revisions[1, 8] = 1
    assert waiter.wait(1, 8, 0, 30, asked=True) is True


def test_after_waiting_in_vain_nobody_waits_for_a_while_but_who_asks(
    routings: Routings, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiter = RoutingWaiter(routings.look, 4)
    assert waiter.wait(1, 7, 0, 0.01, asked=False) is False
    assert waiter.wait(1, 8, 0, 30, asked=False) is None
    assert waiter.wait(1, 8, 0, 0.01, asked=True) is False
    now = time.monotonic()
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now + waiting.REST_SECONDS + 1)
    routings.revisions[1, 8] = 1
    assert waiter.wait(1, 8, 0, 30, asked=False) is True


def test_no_time_to_wait_is_no_wait_in_vain(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.look, 4)
    assert waiter.wait(1, 7, 0, 0, asked=False) is None
    routings.revisions[1, 7] = 1
    assert waiter.wait(1, 7, 0, 30, asked=False) is True


def test_a_database_that_is_down_costs_the_wait_and_nothing_else(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.look, 4)
    routings.broken = True
    assert waiter.wait(1, 7, 0, 0.05, asked=True) is False
    routings.broken = False
    routings.revisions[1, 7] = 1
    assert waiter.wait(1, 7, 0, 30, asked=True) is True


def test_who_is_rung_looks_at_once(routings: Routings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "POLL_SECONDS", 30.0)
    monkeypatch.setattr(waiting, "RUNG_POLL_SECONDS", 30.0)
    bell = Bell(None)
    waiter = RoutingWaiter(routings.look, 4, lambda: bell)
    thread, answers = later(waiter, 1, 7, 0)
    routings.revisions[1, 7] = 1
    bell.ring()
    thread.join(60)
    assert answers == [True]


def test_who_is_named_need_not_look(routings: Routings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(waiting, "POLL_SECONDS", 30.0)
    bell = Bell(tmp_path / "waits.sock")
    bell.hang_out()
    waiter = RoutingWaiter(routings.look, 4, lambda: bell)
    first, first_answers = later(waiter, 1, 7, 0)
    second, second_answers = later(waiter, 1, 8, 2)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringer:
        for said in (b"[[2, 7, 1]]", b"[[1, 8, 1]]", b"[[1, 7, 1]]"):
            ringer.sendto(said, str(tmp_path / "waits.sock"))
        first.join(60)
        assert first_answers == [True]
        assert not second_answers, "it shows the routing of an earlier wish"
        assert not routings.looks
        ringer.sendto(b"[[1, 8, 2]]", str(tmp_path / "waits.sock"))
    second.join(60)
    assert second_answers == [True]
    assert not routings.looks


def test_rings_for_others_do_not_keep_from_looking(
    routings: Routings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(waiting, "RUNG_POLL_SECONDS", 0.02)
    bell = Bell(tmp_path / "waits.sock")
    bell.hang_out()
    waiter = RoutingWaiter(routings.look, 4, lambda: bell)
    thread, answers = later(waiter, 1, 7, 0)
    routings.wait_for_looks(1)
    routings.revisions[1, 7] = 1
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringer:
        while thread.is_alive():
            ringer.sendto(b"[[1, 8, 1]]", str(tmp_path / "waits.sock"))
            thread.join(0.001)
    assert answers == [True]
