"""Digests: one mail a day or a week with what is unread, and none without."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from notification_service.domain.delivery import MessageIds
from notification_service.usecases.make_digests import make_digests

from ..conftest import Api, Desk, Rows
from ..mail_server import MailServer
from .mail_fixtures import ANN, LINKS, RIA, Post, post, server, staffed, text_of

__all__ = ["post", "server", "staffed"]

PREFERENCES = "/api/notifications/preferences"
UNSUBSCRIBE = "/api/notifications/unsubscribe"
DAILY = {"frequency": "daily", "at": "08:00", "time_zone": "Europe/Berlin"}
OFF = {kind: {"email": False} for kind in ("assigned", "comment", "mention", "sla_breach")}
IDS = MessageIds(b"key", "desk.example")


@pytest.fixture
def ann(api: Api, staffed: Desk) -> Api:
    """An agent who wants a digest instead of mails."""
    ann = replace(api, role="agent")
    answer = ann.call("PUT", PREFERENCES, {"channels": OFF, "digest": DAILY})
    assert answer.status_code == 200, answer.text
    return ann


class Digests:
    """Lets digests become due, and sends them."""

    def __init__(self, post: Post, rows: Rows) -> None:
        """Send by a mail server."""
        self.post, self.rows = post, rows

    def run(self) -> None:
        """Make every digest due now, queue and send them."""
        self.rows("update preferences set digest_at = now() - interval '1 minute' where digest is not null returning 1")
        make_digests(self.post.database, IDS)
        self.post.send()

    def yesterday(self) -> None:
        """Let the digests so far be of an earlier day."""
        for table in ("notifications", "deliveries"):
            self.rows(f"update {table} set cause = cause || '-before' where cause like 'digest:%%' returning 1")


@pytest.fixture
def digests(post: Post, rows: Rows) -> Digests:
    return Digests(post, rows)


def test_a_digest_lists_what_is_unread_and_the_next_one_only_what_came_since(
    ann: Api, staffed: Desk, digests: Digests, server: MailServer
) -> None:
    staffed.deliver(staffed.assigned(1, ANN), staffed.assigned(2, ANN), staffed.commented(1, RIA))
    newest = ann.get("/api/notifications")["items"][0]
    ann.call("PATCH", f"/api/notifications/{newest['id']}", {"is_read": True})
    digests.run()
    (mail,) = server.mails
    assert (mail["To"], mail["Subject"]) == ("user7@example.com", "2 unread notifications")
    assert "Ticket 1 is assigned to you" in text_of(mail)
    assert "Ticket 2 is assigned to you" in text_of(mail)
    digests.yesterday()
    digests.run()
    staffed.deliver(staffed.assigned(3, ANN))
    digests.run()
    assert [each["Subject"] for each in server.mails[1:]] == ["1 unread notification"]
    assert ann.get("/api/notifications")["unread_count"] == 3


def test_without_anything_unread_there_is_no_digest(
    ann: Api, staffed: Desk, digests: Digests, server: MailServer, rows: Rows
) -> None:
    digests.run()
    staffed.deliver(staffed.assigned(1, ANN))
    ann.call("POST", "/api/notifications/read-all", {"up_to": ann.get("/api/notifications")["items"][0]["id"]})
    digests.run()
    assert server.mails == []
    assert rows("select digest_at > now() from preferences") == [(True,)]


def test_what_is_read_or_deleted_before_the_mail_is_sent_is_left_out(
    ann: Api, staffed: Desk, digests: Digests, server: MailServer, rows: Rows
) -> None:
    staffed.deliver(staffed.assigned(1, ANN), staffed.assigned(2, ANN))
    rows("update preferences set digest_at = now() returning 1")
    make_digests(digests.post.database, IDS)
    staffed.deliver(staffed.deleted(1))
    ann.call("POST", "/api/notifications/read-all", {"up_to": ann.get("/api/notifications")["items"][0]["id"]})
    digests.post.send()
    assert server.mails == []
    assert rows("select state, reason from deliveries") == [("suppressed", "read in the app before")]


def test_at_most_one_digest_a_day_whatever_runs_at_once_or_is_set_anew(
    ann: Api, staffed: Desk, digests: Digests, server: MailServer, rows: Rows
) -> None:
    staffed.deliver(staffed.assigned(1, ANN))
    rows("update preferences set digest_at = now() returning 1")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: make_digests(digests.post.database, IDS), range(4)))
    digests.post.send()
    staffed.deliver(staffed.assigned(2, ANN))
    ann.call("PUT", PREFERENCES, {"channels": OFF, "digest": DAILY | {"at": "09:00"}})
    digests.run()
    assert len(server.mails) == 1
    digests.yesterday()
    digests.run()
    assert [each["Subject"] for each in server.mails] == ["1 unread notification"] * 2


def test_a_digest_that_is_switched_on_begins_with_what_comes_then(
    api: Api, staffed: Desk, digests: Digests, server: MailServer
) -> None:
    staffed.deliver(staffed.assigned(1, ANN))
    replace(api, role="agent").call("PUT", PREFERENCES, {"channels": OFF, "digest": DAILY})
    digests.run()
    assert server.mails == []


def test_quiet_hours_hold_a_digest_back_too(
    ann: Api, staffed: Desk, digests: Digests, server: MailServer, rows: Rows
) -> None:
    now = rows("select to_char(now() at time zone 'utc' - interval '1 minute', 'HH24:MI')"
               ", to_char(now() at time zone 'utc' + interval '3 hours', 'HH24:MI')")[0]  # fmt: skip
    quiet = {"start": now[0], "end": now[1], "time_zone": "UTC"}
    ann.call("PUT", PREFERENCES, {"channels": OFF, "digest": DAILY, "quiet_hours": quiet})
    staffed.deliver(staffed.assigned(1, ANN))
    digests.run()
    assert server.mails == []
    assert rows("select state, reason from deliveries") == [("queued", "quiet hours")]


def test_who_is_not_active_any_more_gets_none(ann: Api, staffed: Desk, digests: Digests, server: MailServer) -> None:
    staffed.deliver(staffed.assigned(1, ANN))
    staffed.user(ANN, kind="updated", revision=2, is_active=False)
    digests.run()
    assert server.mails == []


def test_one_click_ends_the_digest_and_opening_the_address_changes_nothing(
    ann: Api, staffed: Desk, digests: Digests, server: MailServer, rows: Rows
) -> None:
    staffed.deliver(staffed.assigned(1, ANN))
    digests.run()
    (mail,) = server.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"]
    assert address == f"<{LINKS.of(1, ANN)}>"
    assert address.startswith(f"<https://desk.example{UNSUBSCRIBE}?token=1.{ANN}.")
    links = ann.client.application.extensions["service_kit"].dependencies.unsubscribe_links
    path = replace(links, public_url="x").of(1, ANN).removeprefix("x")
    client = ann.client.application.test_client()
    for answer in (client.get(path), client.head(path)):
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert ann.get(PREFERENCES)["digest"] is not None
    for _ in range(2):
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.mimetype) == (200, "text/plain"), answer.text
    assert ann.get(PREFERENCES)["digest"] is None
    assert ann.get(PREFERENCES)["channels"]["assigned"] == {"in_app": True, "email": False}
    (record,) = rows("select actor from audit where record = 'preferences' order by at desc limit 1")
    assert record == (f"user:{ANN}",)


@pytest.mark.parametrize("token", ["", "x", "1.7.AAAA", f"1.8.{'A' * 43}", f"2.{LINKS.of(1, ANN)[-45:]}"])
def test_an_address_that_was_never_sent_ends_nothing(ann: Api, token: str) -> None:
    for method in ("GET", "POST"):
        answer = ann.client.application.test_client().open(f"{UNSUBSCRIBE}?token={token}", method=method)
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "token")
    assert ann.get(PREFERENCES)["digest"] is not None


def test_other_mails_have_no_address_to_unsubscribe(staffed: Desk, post: Post, server: MailServer) -> None:
    staffed.deliver(staffed.clock("sla.breached", 1, ANN))
    post.send()
    assert {mail["List-Unsubscribe"] for mail in server.mails} == {None}


@pytest.mark.parametrize(
    ("digest", "field"),
    [
        ({"frequency": "hourly"}, "digest.frequency"),
        ({"at": "8"}, "digest.at"),
        ({"time_zone": "Mars"}, "digest.time_zone"),
        ({"weekday": 1}, "digest.weekday"),
        ({"frequency": "weekly", "weekday": 8}, "digest.weekday"),
    ],
)
def test_a_digest_that_makes_no_sense_is_refused(ann: Api, digest: dict[str, Any], field: str) -> None:
    answer = ann.call("PUT", PREFERENCES, {"digest": DAILY | digest})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, field)


def test_the_preferences_show_the_digest(ann: Api) -> None:
    assert ann.get(PREFERENCES)["digest"] == DAILY | {"weekday": None}
    weekly = ann.call("PUT", PREFERENCES, {"digest": DAILY | {"frequency": "weekly"}})
    assert weekly.json["digest"] == DAILY | {"frequency": "weekly", "weekday": 1}
    assert ann.call("PUT", PREFERENCES, weekly.json).json == weekly.json
    assert ann.call("PUT", PREFERENCES, {}).json["digest"] is None


def test_a_requester_reads_nothing_of_internal_notes_in_a_digest(
    ann: Api, staffed: Desk, digests: Digests, server: MailServer
) -> None:
    staffed.deliver(staffed.assigned(1, ANN), staffed.commented(1, RIA, internal=True))
    staffed.user(ANN, "requester", kind="updated", revision=2)
    digests.run()
    (mail,) = server.mails
    assert mail["Subject"] == "1 unread notification"
    assert "note" not in text_of(mail)
