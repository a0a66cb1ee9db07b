"""Long polling for routings."""

import socket
import threading
import time
from pathlib import Path

import pytest
from eventbus.publish.wakeup import WakeupSocket, wake
from ticket_service.adapters import long_poll
from ticket_service.adapters.long_poll import RoutingWaiter


class Routings:
    """A database with routings."""

    def __init__(self) -> None:
        self.revisions: dict[tuple[int, int], int] = {}
        """The newest request that each ticket's routing answers; a ticket without a routing is missing."""
        self.queries = 0
        self.queried = threading.Condition()
        self.broken = False

    def query(self, company_id: int, requests: dict[int, int]) -> dict[int, int]:
        with self.queried:
            self.queries += 1
            self.queried.notify_all()
        if self.broken:
            raise OSError("down")
        known = {ticket: self.revisions.get((company_id, ticket), -1) for ticket in requests}
        return {ticket: answered for ticket, answered in known.items() if answered >= requests[ticket]}

    def wait_for_queries(self, number: int) -> None:
        with self.queried:
            assert self.queried.wait_for(lambda: self.queries >= number, timeout=60)


@pytest.fixture
def routings() -> Routings:
    return Routings()


def no_socket() -> WakeupSocket:
    """A socket that never receives anything."""
    return WakeupSocket(Path("unbound.sock"))


def later(waiter: RoutingWaiter, *arguments: int) -> tuple[threading.Thread, list[bool | None]]:
    """Start a thread, and return once it waits or has its result; the list holds the result afterwards."""
    answers: list[bool | None] = []
    before = len(waiter._waiters)
    thread = threading.Thread(target=lambda: answers.append(waiter.wait(*arguments, 30, explicit=True)))
    thread.start()
    ends = time.monotonic() + 180
    while not answers and len(waiter._waiters) <= before and time.monotonic() < ends:
        time.sleep(0.001)
    return thread, answers


def test_a_waiting_request_returns_when_the_routing_is_stored(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.query, 4, no_socket)
    thread, answers = later(waiter, 1, 7, 0)
    routings.wait_for_queries(2)
    routings.revisions[2, 7] = 1
    routings.wait_for_queries(routings.queries + 2)
    assert not answers, "another company's ticket"
    routings.revisions[1, 7] = 1
    thread.join(60)
    assert answers == [True]


def test_two_waiters_of_one_ticket_each_get_the_routing_that_answers_their_request(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.query, 4, no_socket)
    first, first_answers = later(waiter, 1, 7, 1)
    second, second_answers = later(waiter, 1, 7, 2)
    routings.revisions[1, 7] = 1
    first.join(60)
    assert first_answers == [True]
    routings.wait_for_queries(routings.queries + 2)
    assert not second_answers
    routings.revisions[1, 7] = 2
    second.join(60)
    assert second_answers == [True]


def test_a_ticket_without_a_request_waits_for_any_routing(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.query, 4, no_socket)
    thread, answers = later(waiter, 1, 7, 0)
    routings.wait_for_queries(2)
    assert not answers
    routings.revisions[1, 7] = 0
    thread.join(10)
    assert answers == [True]


def test_no_more_than_max_waiters_wait(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.query, 1, no_socket)
    thread, _ = later(waiter, 1, 7, 0)
    routings.wait_for_queries(1)
    assert waiter.wait(1, 8, 0, 30, explicit=True) is None
    routings.revisions[1, 7] = 1
    thread.join(60)
    routings.revisions[1, 8] = 1
    assert waiter.wait(1, 8, 0, 30, explicit=True) is True


def test_after_a_timeout_only_explicit_waits_wait_until_the_cooldown_ends(
    routings: Routings, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiter = RoutingWaiter(routings.query, 4, no_socket)
    assert waiter.wait(1, 7, 0, 0.01, explicit=False) is False
    assert waiter.wait(1, 8, 0, 30, explicit=False) is None
    assert waiter.wait(1, 8, 0, 0.01, explicit=True) is False
    now = time.monotonic()
    monkeypatch.setattr(long_poll.time, "monotonic", lambda: now + long_poll.COOLDOWN_SECONDS + 1)
    routings.revisions[1, 8] = 1
    assert waiter.wait(1, 8, 0, 30, explicit=False) is True


def test_a_wait_of_zero_seconds_starts_no_cooldown(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.query, 4, no_socket)
    assert waiter.wait(1, 7, 0, 0, explicit=False) is None
    routings.revisions[1, 7] = 1
    assert waiter.wait(1, 7, 0, 30, explicit=False) is True


def test_a_failing_database_ends_the_wait_and_the_next_one_works(routings: Routings) -> None:
    waiter = RoutingWaiter(routings.query, 4, no_socket)
    routings.broken = True
    assert waiter.wait(1, 7, 0, 0.05, explicit=True) is False
    routings.broken = False
    routings.revisions[1, 7] = 1
    assert waiter.wait(1, 7, 0, 30, explicit=True) is True


def test_a_wakeup_without_tickets_causes_a_query_at_once(
    routings: Routings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(long_poll, "POLL_SECONDS", 30.0)
    monkeypatch.setattr(long_poll, "NOTIFIED_POLL_SECONDS", 30.0)
    path = tmp_path / "waits.sock"
    wakeup = WakeupSocket(path)
    wakeup.bind()
    waiter = RoutingWaiter(routings.query, 4, lambda: wakeup)
    thread, answers = later(waiter, 1, 7, 0)
    routings.revisions[1, 7] = 1
    wake(path)
    thread.join(60)
    assert answers == [True]


def test_a_notification_with_the_ticket_needs_no_query(
    routings: Routings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(long_poll, "POLL_SECONDS", 30.0)
    wakeup = WakeupSocket(tmp_path / "waits.sock")
    wakeup.bind()
    waiter = RoutingWaiter(routings.query, 4, lambda: wakeup)
    first, first_answers = later(waiter, 1, 7, 0)
    second, second_answers = later(waiter, 1, 8, 2)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        for datagram in (b"[[2, 7, 1]]", b"[[1, 8, 1]]", b"[[1, 7, 1]]"):
            sender.sendto(datagram, str(tmp_path / "waits.sock"))
        first.join(60)
        assert first_answers == [True]
        assert not second_answers, "it shows the routing of an earlier request"
        assert not routings.queries
        sender.sendto(b"[[1, 8, 2]]", str(tmp_path / "waits.sock"))
    second.join(60)
    assert second_answers == [True]
    assert not routings.queries


def test_notifications_of_other_tickets_do_not_stop_the_queries(
    routings: Routings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(long_poll, "NOTIFIED_POLL_SECONDS", 0.02)
    wakeup = WakeupSocket(tmp_path / "waits.sock")
    wakeup.bind()
    waiter = RoutingWaiter(routings.query, 4, lambda: wakeup)
    thread, answers = later(waiter, 1, 7, 0)
    routings.wait_for_queries(1)
    routings.revisions[1, 7] = 1
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        while thread.is_alive():
            sender.sendto(b"[[1, 8, 1]]", str(tmp_path / "waits.sock"))
            thread.join(0.001)
    assert answers == [True]
