"""`GET /api/changes` on a real database: rights, resuming, late transactions, the end of a process."""

from collections.abc import Callable
from itertools import islice

import pytest
from notification_service.domain.changes import of_ticket
from notification_service.store import live_events
from notification_service.usecases.remove_old_changes import ChangeRetention
from service_kit.database.engine import Database

from ..conftest import Desk, Rows
from ..live_client import Live, as_gateway, headers_of

ANN, RIA, OTHER = 7, 9, 10


def test_a_change_reaches_the_staff_and_its_requester(live: Live, desk: Desk) -> None:
    with live.stream(user=ANN) as ann, live.stream(user=RIA, role="requester") as ria:
        desk.deliver(desk.created(42, RIA))
        assert ann.next("ticket_update") == {"ticket_id": 42, "version": 1, "kinds": ["created"]}
        assert ria.next("ticket_update")["ticket_id"] == 42


def test_a_requester_learns_nothing_of_others_tickets_and_of_internal_notes(live: Live, desk: Desk) -> None:
    desk.user(RIA, "requester")
    with live.stream(user=RIA, role="requester") as ria, live.stream(user=ANN, company=2) as foreign:
        desk.deliver(desk.created(1, OTHER), desk.created(42, RIA), desk.assigned(42, ANN))
        desk.deliver(desk.commented(42, ANN, internal=True), desk.commented(42, ANN))
        desk.deliver(desk.created(43, RIA))
        seen = []
        for kind, content in ria.events():
            seen.append((kind, content.get("ticket_id")))
            if content.get("ticket_id") == 43:
                break
        assert [each for each in seen if each[0] != "notification"] == [
            ("ticket_update", 42),
            ("comment_update", 42),
            ("ticket_update", 43),
        ]
        desk.deliver(desk.created(5, company=2))
        assert foreign.next("ticket_update")["ticket_id"] == 5


def test_a_notification_reaches_its_person_alone(live: Live, desk: Desk, rows: Rows) -> None:
    desk.user(ANN)
    with live.stream(user=ANN) as ann, live.stream(user=OTHER) as other:
        desk.deliver(desk.assigned(42, ANN))
        number = ann.next("notification")["notification_id"]
        assert rows("select id from notifications") == [(number,)]
        desk.deliver(desk.created(43))
        assert [kind for kind, _ in islice(other.events(), 2)] == ["ticket_update", "ticket_update"]


def test_a_change_says_nothing_of_a_text(live: Live, desk: Desk, rows: Rows) -> None:
    desk.deliver(desk.created(42, RIA), desk.commented(42, ANN))
    stored = str(rows("select * from live_events"))
    assert "Cannot access email" not in stored
    assert "ticket:42" in stored


def test_a_client_resumes_after_a_cut(live: Live, desk: Desk) -> None:
    with live.stream(user=ANN) as ann:
        desk.deliver(desk.created(1))
        ann.next("ticket_update")
        desk.deliver(desk.created(2))
        ann.next("ticket_update")
        cursor = ann.settle()
    desk.deliver(desk.created(3), desk.created(4))
    with live.stream(user=ANN, last_event_id=cursor) as back:
        seen = [back.next("ticket_update")["ticket_id"] for _ in range(2)]
        desk.deliver(desk.created(5))
        while seen[-1] != 5:
            seen.append(back.next("ticket_update")["ticket_id"])
    # What came together with the last cursor may come again; nothing is missing.
    assert [each for each in seen if each > 2] == [3, 4, 5]


def test_a_client_that_is_cut_off_before_the_missed_changes_keeps_its_cursor(live: Live, desk: Desk) -> None:
    with live.stream(user=ANN) as ann:
        desk.deliver(desk.created(1))
        ann.next("ticket_update")
        cursor = ann.settle()
    desk.deliver(desk.created(2))
    with live.stream(user=ANN, last_event_id=cursor) as cut:
        assert (cut.start, cut.cursor) == (cursor, "")
    with live.stream(user=ANN, last_event_id=cut.start) as back:
        while back.next("ticket_update")["ticket_id"] != 2:
            assert back.cursor == ""
        assert int(back.settle()) > int(cursor)


def test_a_change_of_a_transaction_that_ends_late_is_sent_once(live: Live, desk: Desk, database: Database) -> None:
    with live.stream(user=ANN) as ann, database.session(1) as session:
        session.begin()
        live_events.add(session, [of_ticket(1, 99, None, "ticket.updated", 1)])
        session.flush()
        desk.deliver(desk.created(1))
        assert ann.next("ticket_update")["ticket_id"] == 1
        session.commit()
        assert ann.next("ticket_update")["ticket_id"] == 99
        desk.deliver(desk.created(2))
        assert ann.next("ticket_update")["ticket_id"] == 2


def test_a_cursor_is_good_although_a_transaction_ends_after_it(live: Live, desk: Desk, database: Database) -> None:
    with database.session(1) as session:
        session.begin()
        live_events.add(session, [of_ticket(1, 99, None, "ticket.updated", 1)])
        session.flush()
        with live.stream(user=ANN) as ann:
            desk.deliver(desk.created(1))
            ann.next("ticket_update")
            desk.deliver(desk.created(2))
            ann.next("ticket_update")
            cursor = ann.settle()
        session.commit()
    with live.stream(user=ANN, last_event_id=cursor) as back:
        seen = set()
        while 99 not in seen:
            seen.add(back.next("ticket_update")["ticket_id"])


@pytest.mark.parametrize("cursor", ["1", "nonsense", "9223372036854775807", "9" * 30, "-1"])
def test_a_cursor_that_is_too_old_or_none_of_ours_is_reset(
    live: Live, desk: Desk, database: Database, rows: Rows, cursor: str
) -> None:
    desk.deliver(*(desk.created(number) for number in range(1, 6)))
    ChangeRetention(database, hours=24, most=3).remove(1)
    assert rows("select count(*) from live_events") == [(3,)]
    with live.stream(user=ANN, last_event_id=cursor) as ann:
        assert ann.next("reset") == {}
        desk.deliver(desk.created(6))
        # Changes from just before the reset may come again.
        while ann.next("ticket_update")["ticket_id"] != 6:
            pass


def test_a_heartbeat_keeps_a_quiet_clients_cursor_young(start: Callable[..., Live], desk: Desk) -> None:
    live = start(live_heartbeat_seconds=0.2)
    with live.stream(user=ANN) as ann:
        for raw in ann.response:
            if raw.startswith(b":"):
                ann.heartbeats += 1
            if ann.heartbeats == 3:
                break
        desk.deliver(desk.created(1))
        assert ann.next("ticket_update")["ticket_id"] == 1


def test_the_gateway_ends_a_connection_with_a_goodbye(live: Live) -> None:
    with live.stream(user=ANN, x_connection_id="one") as ann, live.stream(user=ANN, x_connection_id="two"):
        body = {"code": "revoked", "connections": ["one"]}
        assert live.get("/internal/goodbye", headers_of(), "POST", body)[0] == 403
        assert live.get("/internal/goodbye", as_gateway(), "POST", body) == (200, b'{"ended":1}')
        assert ann.next("goodbye") == {"code": "revoked"}
        assert list(ann.events()) == []


def test_a_process_that_ends_says_when_to_come_back(start: Callable[..., Live]) -> None:
    live = start()
    with live.stream(user=ANN) as ann:
        live.stop.set()
        rest = ann.response.read()
    assert b"retry: " in rest
    assert rest.endswith(b'event: goodbye\ndata: {"code":"restarting"}\n\n')


def test_without_a_valid_token_nothing_is_answered(live: Live) -> None:
    assert live.get("/api/changes")[0] == 401
    assert live.get("/api/changes", headers_of(role="service"))[0] == 403
    assert live.get("/api/tickets", headers_of())[0] == 404
    assert live.get("/ready")[0] == 200
    assert b"live_connections" in live.get("/metrics")[1]
