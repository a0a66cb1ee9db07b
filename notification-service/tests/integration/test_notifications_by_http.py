"""The list, what is read, and preferences."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from notification_service.store import notifications
from notification_service.usecases.remove_old import Retention

from ..conftest import Api, Desk, Rows

LIST = "/api/notifications"
PREFERENCES = "/api/notifications/preferences"


@pytest.fixture
def ann(api: Api, desk: Desk) -> Api:
    """An agent with five notifications, of the tickets 1 to 5."""
    desk.user(7)
    desk.deliver(*(desk.assigned(ticket, 7) for ticket in range(1, 6)))
    return replace(api, role="agent")


def test_assigning_a_ticket_counts_as_one_more_unread(ann: Api, desk: Desk) -> None:
    before = ann.get(LIST)["unread_count"]
    desk.deliver(desk.assigned(6, 7, priority="high", due="2026-11-20T10:30:00.000000Z"))
    after = ann.get(LIST)
    assert after["unread_count"] == before + 1 == 6
    newest = after["items"][0]
    assert newest["subject"] == "Ticket 6 is assigned to you"
    assert newest["message"] == (
        "Ticket 6 with the priority high is assigned to you. It is due at 2026-11-20T10:30:00.000000Z."
    )
    assert (newest["kind"], newest["ticket_id"], newest["is_read"]) == ("assigned", 6, False)


def test_the_list_has_pages_and_a_filter(ann: Api) -> None:
    assert [each["ticket_id"] for each in ann.every(f"{LIST}?limit=2")] == [5, 4, 3, 2, 1]
    first = ann.get(LIST)["items"][-1]
    assert ann.call("PATCH", f"{LIST}/{first['id']}", {"is_read": True}).json["is_read"] is True
    assert [each["ticket_id"] for each in ann.every(f"{LIST}?limit=3&is_read=false")] == [5, 4, 3, 2]
    assert [each["ticket_id"] for each in ann.every(f"{LIST}?is_read=true")] == [1]
    assert ann.get(f"{LIST}?is_read=true")["unread_count"] == 4


def test_what_is_read_may_become_unread_again(ann: Api) -> None:
    path = f"{LIST}/{ann.get(LIST)['items'][0]['id']}"
    for is_read, unread in ((True, 4), (True, 4), (False, 5)):
        assert ann.call("PATCH", path, {"is_read": is_read}).status_code == 200
        assert ann.get(LIST)["unread_count"] == unread


def test_reading_all_leaves_unread_what_came_meanwhile(ann: Api, desk: Desk) -> None:
    seen = ann.get(LIST)["items"][0]["id"]
    desk.deliver(desk.assigned(6, 7))
    assert ann.call("POST", f"{LIST}/read-all", {"up_to": seen}).json == {"unread_count": 1}
    assert [each["ticket_id"] for each in ann.every(f"{LIST}?is_read=false")] == [6]


def test_nobody_reads_or_marks_those_of_another(ann: Api) -> None:
    path = f"{LIST}/{ann.get(LIST)['items'][0]['id']}"
    for other in (replace(ann, subject="user:8", role="admin"), replace(ann, company=2), replace(ann, subject="x")):
        assert other.get(LIST) == {"count": 0, "items": [], "next": None, "unread_count": 0}
        refused = other.call("PATCH", path, {"is_read": True})
        assert (refused.status_code, refused.json["code"]) == (404, "notification_not_found")
        other.call("POST", f"{LIST}/read-all", {"up_to": 2**62})
    assert ann.get(LIST)["unread_count"] == 5


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PATCH", f"{LIST}/1", {"is_read": "yes"}, "is_read"),
        ("PATCH", f"{LIST}/1", {}, "is_read"),
        ("POST", f"{LIST}/read-all", {"up_to": 0}, "up_to"),
        ("POST", f"{LIST}/read-all", {}, "up_to"),
        ("PUT", PREFERENCES, {"channels": {"unknown": {}}}, "channels.unknown"),
        ("PUT", PREFERENCES, {"channels": {"comment": {"fax": True}}}, "channels.comment.fax"),
        ("PUT", PREFERENCES, {"quiet_hours": {"start": "24:00", "end": "07:00", "time_zone": "UTC"}},
         "quiet_hours.start"),
        ("PUT", PREFERENCES, {"quiet_hours": {"start": "07:00", "end": "07:00", "time_zone": "UTC"}},
         "quiet_hours.end"),
        ("PUT", PREFERENCES, {"quiet_hours": {"start": "22:00", "end": "07:00", "time_zone": "Mars/Base"}},
         "quiet_hours.time_zone"),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_named(ann: Api, method: str, path: str, body: object, field: str) -> None:
    refused = ann.call(method, path, body)
    assert (refused.status_code, [each["field"] for each in refused.json["errors"]]) == (400, [field])


@pytest.mark.parametrize("given", ["25:00", "24:00", "8:00", "08:60", "08:00:00", "noon"])
def test_the_form_of_a_time_is_named(ann: Api, given: str) -> None:
    quiet = {"start": given, "end": "07:00", "time_zone": "UTC"}
    digest = {"frequency": "daily", "at": given, "time_zone": "UTC"}
    refused = ann.call("PUT", PREFERENCES, {"quiet_hours": quiet, "digest": digest})
    assert sorted((each["field"], each["message"]) for each in refused.json["errors"]) == [
        ("digest.at", "Must be HH:MM, 00:00 to 23:59."),
        ("quiet_hours.start", "Must be HH:MM, 00:00 to 23:59."),
    ]


def test_preferences_have_defaults_and_are_replaced_as_a_whole(ann: Api) -> None:
    defaults = ann.call("GET", PREFERENCES)
    assert defaults.json["channels"]["assigned"] == {"in_app": True, "email": True}
    assert defaults.json["channels"]["solution"] == {"in_app": True, "email": False}
    quiet = {"start": "22:00", "end": "07:00", "time_zone": "Europe/Berlin"}
    body = {"channels": {"comment": {"email": False}}, "quiet_hours": quiet}
    changed = ann.call("PUT", PREFERENCES, body, If_Match=defaults.headers["ETag"])
    assert changed.json["channels"]["comment"] == {"in_app": True, "email": False}
    assert changed.json["quiet_hours"] == quiet
    assert ann.get(PREFERENCES) == changed.json
    assert ann.call("PUT", PREFERENCES, body, If_Match=defaults.headers["ETag"]).status_code == 412
    # What GET shows may be sent back as it is.
    assert ann.call("PUT", PREFERENCES, changed.json, If_Match=changed.headers["ETag"]).json == changed.json
    assert ann.call("PUT", PREFERENCES, {}).json == defaults.json
    assert replace(ann, subject="user:8").get(PREFERENCES) == defaults.json


def test_a_program_without_an_account_has_no_preferences(ann: Api) -> None:
    refused = replace(ann, subject="development").call("GET", PREFERENCES)
    assert (refused.status_code, refused.json["code"]) == (409, "no_person")


def test_unread_ones_are_counted_up_to_a_bound(ann: Api, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "MAX_UNREAD_COUNT", 3)
    assert ann.get(LIST)["unread_count"] == 3


def test_old_notifications_are_removed(ann: Api, desk: Desk, monkeypatch: pytest.MonkeyPatch, rows: Rows) -> None:
    monkeypatch.setattr(notifications, "MAX_ROWS_PER_DELETE", 2)
    retention = Retention(desk.database, days=90, mail_days=30, webhook_days=30)
    retention.remove(1, datetime.now(UTC) - timedelta(days=1))
    assert ann.get(LIST)["count"] == 5
    retention.remove(1, datetime.now(UTC) + timedelta(days=1))
    assert ann.get(LIST)["count"] == 0
