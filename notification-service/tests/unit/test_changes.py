"""Which change concerns whom, and how a client's queue behaves."""

from typing import Any

import pytest
from notification_service.domain import changes
from notification_service.domain.changes import STAFF, Change, Viewer, of_ticket
from notification_service.live import messages
from notification_service.live.subscriber import Position, Subscriber
from notification_service.store.live_events import LiveEvent

AGENT, RIA, OTHER = Viewer(1, 7, True), Viewer(1, 9, False), Viewer(1, 10, False)
KINDS_FOR_STAFF = (
    "ticket.assigned",
    "ticket.solution.proposed",
    "task.approval.requested",
    "sla.warning",
    "sla.breached",
)


def event(number: int, change: Change, xact: int = 0) -> LiveEvent:
    return LiveEvent(number, xact or number, change)


def ticket(kind: str = "ticket.updated", requester: int | None = 9, **more: Any) -> Change:
    return of_ticket(1, 42, requester, kind, 3, **more)


@pytest.mark.parametrize("kind", sorted(changes.KINDS))
def test_a_requester_sees_what_changes_of_its_own_ticket_alone(kind: str) -> None:
    change = ticket(kind)
    assert AGENT.sees(change.audience)
    assert RIA.sees(change.audience) is (kind not in KINDS_FOR_STAFF)
    assert not OTHER.sees(change.audience)


def test_an_internal_note_and_a_ticket_of_nobody_concern_the_staff_alone() -> None:
    assert ticket("ticket.commented", comment_id=3, internal=True).audience == (STAFF,)
    assert ticket(requester=None).audience == (STAFF,)


def test_a_notification_concerns_its_person_alone() -> None:
    change = changes.of_notification(1, 9, 100)
    assert [viewer.sees(change.audience) for viewer in (AGENT, RIA, OTHER)] == [False, True, False]


def test_a_person_without_an_account_sees_as_its_role_does() -> None:
    assert Viewer(1, None, True).sees(ticket().audience)
    assert not Viewer(1, None, False).sees(ticket().audience)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (ticket(), ("ticket_update", {"ticket_id": 42, "version": 3, "kinds": ["updated"]})),
        (
            ticket("ticket.commented", comment_id=5),
            ("comment_update", {"ticket_id": 42, "comment_id": 5, "version": 3, "kind": "created"}),
        ),
        (changes.of_notification(1, 9, 100), ("notification", {"notification_id": 100})),
        (
            changes.of_typing(1, 42, 7, typing=True),
            ("typing_indicator", {"ticket_id": 42, "user": 7, "typing": True}),
        ),
    ],
)
def test_a_message_has_ids_kinds_and_versions(change: Change, message: object) -> None:
    assert messages.of_change(change) == message


def test_a_client_gets_its_rooms_changes_of_its_company() -> None:
    client = Subscriber(AGENT, "ticket:42", position=Position(10))
    foreign = of_ticket(2, 42, None, "ticket.updated", 1)
    client.offer([event(1, ticket()), event(2, foreign), event(3, of_ticket(1, 43, None, "ticket.updated", 1))])
    assert ([each.id for each in client.take()[0]], client.cursor) == ([1], 10)


def test_nobody_sees_their_own_typing_and_no_stream_shows_any() -> None:
    typed = changes.of_typing(1, 42, 7, typing=True)
    assert Subscriber(Viewer(1, 8, True), "ticket:42").wants(typed)
    assert not Subscriber(AGENT, "ticket:42").wants(typed)
    assert not Subscriber(Viewer(1, 8, True)).wants(typed)
    assert not Subscriber(RIA, "ticket:42").wants(typed)


def test_a_client_that_takes_nothing_is_sent_away_to_resume() -> None:
    client = Subscriber(AGENT, max_waiting=64, position=Position(10))
    client.offer([event(number, ticket()) for number in range(200)])
    assert client.goodbye is None, "one look at the database may find more than a queue's length"
    client.offer([event(200, ticket())])
    client.position.mark = 11
    assert (client.goodbye, client.take()) == ("resume", ([], 10))


def test_what_a_resuming_client_got_already_is_not_offered_again() -> None:
    client = Subscriber(AGENT)
    client.skip([event(1, ticket(), xact=100)])
    client.offer([event(1, ticket(), xact=100), event(2, ticket(), xact=101)])
    assert not client.forgets_skipped(100)
    client.offer([event(3, ticket(), xact=102)])
    assert client.forgets_skipped(103)
    assert [each.id for each in client.take()[0]] == [2, 3]


def test_the_first_goodbye_counts() -> None:
    client = Subscriber(AGENT)
    client.end("revoked")
    client.end("restarting")
    assert client.goodbye == "revoked"
