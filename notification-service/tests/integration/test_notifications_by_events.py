"""Events reach the right people, once: a test per row of the table in docs/notifications.md."""

from dataclasses import replace
from typing import Any

import pytest
from notification_service.domain.kinds import words_of

from ..conftest import Api, Desk, Rows

ANN, BOB, RIA, MAX = 7, 8, 9, 10


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    """A company with two agents, a requester and a manager."""
    for number, role in ((ANN, "agent"), (BOB, "agent"), (RIA, "requester"), (MAX, "manager")):
        desk.user(number, role)
    return desk


@pytest.fixture
def seen(api: Api) -> "Seen":
    """What people see."""
    return Seen(api)


class Seen:
    """The notifications that people see."""

    def __init__(self, api: Api) -> None:
        """Ask by one client."""
        self.api = api

    def by(self, user: int, company: int = 1) -> list[tuple[str, int]]:
        """Return kinds and tickets of a person's notifications, the oldest first."""
        caller = replace(self.api, subject=f"user:{user}", role="agent", company=company)
        return [(each["kind"], each["ticket_id"]) for each in reversed(caller.every("/api/notifications"))]

    def by_all(self) -> dict[int, list[tuple[str, int]]]:
        """Return what everybody sees who sees anything."""
        return {user: seen for user in (ANN, BOB, RIA, MAX) if (seen := self.by(user))}


def test_a_requester_gets_a_receipt(staffed: Desk, seen: Seen) -> None:
    staffed.deliver(staffed.created(1, RIA), staffed.created(2))
    assert seen.by_all() == {RIA: [("received", 1)]}


def test_an_assignee_is_notified_once_per_assignment(staffed: Desk, seen: Seen) -> None:
    first = staffed.assigned(1, ANN)
    staffed.deliver(first)
    staffed.deliver(first)
    staffed.deliver(staffed.assigned(1, ANN, revision=2, step="Work", status="in_progress"))
    staffed.deliver(staffed.assigned(1, BOB, revision=3), staffed.assigned(1, ANN, revision=4))
    assert seen.by_all() == {ANN: [("assigned", 1), ("assigned", 1)], BOB: [("assigned", 1)]}


def test_a_late_assignment_notifies_nobody(staffed: Desk, seen: Seen) -> None:
    staffed.deliver(staffed.assigned(1, BOB, revision=3))
    staffed.deliver(staffed.assigned(1, ANN, revision=2))
    staffed.deliver(staffed.commented(1, RIA))
    assert seen.by_all() == {BOB: [("assigned", 1), ("comment", 1)]}


def test_who_takes_a_ticket_is_not_notified(staffed: Desk, seen: Seen) -> None:
    staffed.deliver(staffed.assigned(1, ANN, actor=f"person:user:{ANN}"))
    assert seen.by_all() == {}


def test_a_ticket_that_comes_to_a_team_without_an_assignee_reaches_its_members_once(staffed: Desk, seen: Seen) -> None:
    staffed.team(1, ANN, BOB, RIA, 98)
    staffed.team(2, BOB)
    staffed.deliver(staffed.assigned(1, None, team_id=1, actor=f"person:user:{ANN}"))
    staffed.deliver(staffed.assigned(1, None, revision=2, team_id=1))
    assert seen.by_all() == {BOB: [("team", 1)]}
    staffed.deliver(staffed.assigned(1, ANN, revision=3, team_id=1), staffed.assigned(1, None, revision=4, team_id=1))
    assert seen.by_all() == {ANN: [("assigned", 1), ("team", 1)], BOB: [("team", 1), ("team", 1)]}
    staffed.deliver(staffed.assigned(1, None, revision=6, team_id=2), staffed.assigned(1, None, revision=5, team_id=1))
    assert (len(seen.by(ANN)), seen.by(BOB)[2:]) == (2, [("team", 1)])


def test_a_team_that_is_gone_or_a_task_that_is_closed_reaches_nobody(staffed: Desk, seen: Seen, rows: Rows) -> None:
    staffed.team(1, ANN)
    staffed.team(2, ANN)
    staffed.team(1, ANN, kind="updated", revision=2, is_active=False)
    staffed.team(2, ANN, kind="deleted", revision=2)
    staffed.team(3, ANN)
    for number in (1, 2, 9):
        staffed.deliver(staffed.assigned(number, None, team_id=number))
    staffed.deliver(staffed.assigned(3, None, team_id=3, status="closed"))
    assert seen.by_all() == {}
    assert rows("select team_id, addresses from teams order by team_id")[1] == (2, [])


def test_a_new_address_of_the_assignee_is_no_assignment(staffed: Desk, seen: Seen, rows: Rows) -> None:
    staffed.deliver(staffed.assigned(1, ANN))
    staffed.deliver(staffed.assigned(1, BOB, revision=2, action="address changed"))
    assert seen.by_all() == {ANN: [("assigned", 1)]}
    assert rows("select assigned_revision from tickets where ticket_id = 1") == [(2,)]


def test_an_assignee_of_a_closed_task_is_not_notified(staffed: Desk, seen: Seen) -> None:
    staffed.deliver(staffed.assigned(1, ANN, status="closed"))
    assert seen.by_all() == {}


def test_a_comment_reaches_requester_assignee_and_mentioned_people(staffed: Desk, seen: Seen) -> None:
    staffed.deliver(staffed.created(1, RIA), staffed.assigned(1, ANN))
    staffed.deliver(staffed.commented(1, MAX, BOB))
    assert seen.by(RIA)[-1] == seen.by(ANN)[-1] == ("comment", 1)
    assert seen.by(BOB) == [("mention", 1)]
    assert seen.by(MAX) == []


def test_an_internal_note_never_reaches_a_requester(staffed: Desk, seen: Seen, rows: Rows) -> None:
    staffed.deliver(staffed.created(1, RIA), staffed.assigned(1, ANN))
    staffed.deliver(staffed.commented(1, MAX, RIA, BOB, internal=True))
    assert seen.by(RIA) == [("received", 1)]
    assert seen.by(ANN)[-1] == ("comment", 1)
    assert seen.by(BOB) == [("mention", 1)]
    assert rows("select count(*) from notifications where user_id = %s", RIA) == [(1,)]


def test_a_solution_reaches_the_assignee_unless_it_is_empty(staffed: Desk, seen: Seen) -> None:
    staffed.deliver(staffed.created(1, RIA), staffed.assigned(1, ANN))
    nothing: dict[str, Any] = {"steps": []}
    for revision, body in ((1, nothing), (2, {})):
        staffed.deliver(
            staffed.make("ticket.solution.proposed", "1", source="rag-service", revision=revision, ticket_id=1, **body)
        )
    assert seen.by_all() == {RIA: [("received", 1)], ANN: [("assigned", 1), ("solution", 1)]}


def test_a_warning_that_comes_after_the_due_time_does_not_speak_of_time_that_is_left(staffed: Desk, rows: Rows) -> None:
    staffed.deliver(
        staffed.clock("sla.warning", 1, ANN), staffed.clock("sla.warning", 2, ANN, due_at="2026-01-02T10:00:00Z")
    )
    found = rows("select ticket_id, facts from notifications where user_id = %s order by ticket_id", ANN)
    early, late = (words_of("sla_warning", ticket, facts) for ticket, facts in found)
    assert "little time is left" in early.message
    assert (late.subject, "left" in late.message) == ("Ticket 2 was due", False)


@pytest.mark.parametrize(("event", "kind"), [("sla.warning", "sla_warning"), ("sla.breached", "sla_breach")])
def test_a_clock_reaches_the_assignee_and_the_managers(staffed: Desk, seen: Seen, event: str, kind: str) -> None:
    staffed.deliver(staffed.clock(event, 1, ANN))
    assert seen.by_all() == {ANN: [(kind, 1)], MAX: [(kind, 1)]}


def test_an_approval_reaches_the_leads_and_without_any_the_managers(staffed: Desk, seen: Seen) -> None:
    staffed.deliver(staffed.approval(1, ANN, BOB, actor=BOB))
    assert seen.by_all() == {ANN: [("approval", 1)]}
    staffed.deliver(staffed.approval(2), staffed.approval(3, 98), staffed.approval(4, RIA))
    assert seen.by_all() == {ANN: [("approval", 1)], MAX: [("approval", 2), ("approval", 3), ("approval", 4)]}


def test_without_a_manager_a_clock_reaches_the_admins(desk: Desk, seen: Seen) -> None:
    desk.user(ANN, "agent")
    desk.user(BOB, "admin")
    desk.deliver(desk.clock("sla.breached", 1, None))
    assert seen.by_all() == {BOB: [("sla_breach", 1)]}


def test_people_who_are_inactive_or_of_another_company_are_not_notified(staffed: Desk, seen: Seen) -> None:
    staffed.user(ANN, kind="updated", revision=2, is_active=False)
    staffed.user(BOB, "manager", company=2)
    staffed.deliver(staffed.assigned(1, ANN), staffed.clock("sla.breached", 1, None))
    assert seen.by_all() == {MAX: [("sla_breach", 1)]}
    assert seen.by(BOB, company=2) == []


def test_a_deleted_ticket_takes_its_notifications_along(staffed: Desk, rows: Rows) -> None:
    staffed.deliver(staffed.created(1, RIA), staffed.assigned(1, ANN), staffed.assigned(2, ANN))
    staffed.deliver(staffed.commented(1, RIA), staffed.deleted(1))
    staffed.deliver(staffed.assigned(1, BOB, revision=2), staffed.clock("sla.breached", 1, ANN))
    assert rows("select user_id, kind, ticket_id from notifications") == [(ANN, "assigned", 2)]
    assert rows("select ticket_id, requester_id, assignee from tickets where gone") == [(1, None, None)]


def test_a_deleted_person_takes_notifications_and_preferences_along(staffed: Desk, api: Api, rows: Rows) -> None:
    staffed.deliver(staffed.assigned(1, ANN), staffed.assigned(2, BOB))
    ann = replace(api, subject=f"user:{ANN}")
    assert ann.call("PUT", "/api/notifications/preferences", {}).status_code == 200
    staffed.user(ANN, kind="deleted", revision=2)
    staffed.deliver(staffed.commented(1, BOB, ANN), staffed.assigned(3, ANN))
    assert rows("select user_id from notifications") == [(BOB,)]
    assert rows("select count(*) from preferences") == [(0,)]


def test_a_channel_that_is_off_gets_nothing(staffed: Desk, api: Api, seen: Seen) -> None:
    ann = replace(api, subject=f"user:{ANN}", role="agent")
    off = {"channels": {"assigned": {"in_app": False}}}
    assert ann.call("PUT", "/api/notifications/preferences", off).status_code == 200
    staffed.deliver(staffed.assigned(1, ANN), staffed.commented(1, RIA))
    assert seen.by_all() == {ANN: [("comment", 1)]}


def test_no_notification_holds_a_text_of_the_ticket(staffed: Desk, rows: Rows) -> None:
    secret = "Xq7-secret"
    staffed.deliver(
        staffed.make("ticket.created", "1", ticket_id=1, title=secret, description=secret, requester=f"user:{RIA}"),
        staffed.assigned(1, ANN),
        staffed.make("ticket.solution.proposed", "1", source="rag-service", ticket_id=1,
                     steps=[{"order": 1, "text": secret, "chunk_ids": []}]),
    )  # fmt: skip
    assert rows("select count(*) from notifications") == [(3,)]
    for table in ("notifications", "tickets", "inbox"):
        assert not [row for (row,) in rows(f"select t::text from {table} t") if secret in row]
