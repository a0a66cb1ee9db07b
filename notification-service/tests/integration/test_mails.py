"""Mails: at most one per cause and person, and none that nobody wants any more."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from notification_service.service import SERVICE

from ..conftest import Api, Desk, Rows
from ..mail_server import MailServer
from .mail_fixtures import ANN, MAX, PUBLIC_URL, RIA, Post, post, server, staffed, text_of

__all__ = ["post", "server", "staffed"]

HISTORY = "/api/notifications/history"
STATES = "select state, tries from deliveries order by id"


def test_each_person_gets_one_mail_per_event_however_often_it_is_delivered(
    staffed: Desk, post: Post, server: MailServer
) -> None:
    breach = staffed.clock("sla.breached", 1, ANN)
    staffed.deliver(breach)
    staffed.deliver(breach)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: post.send(), range(4)))
    post.send()
    assert sorted(server.recipients) == ["user10@example.com", "user7@example.com"]
    assert {mail["Subject"] for mail in server.mails} == {"Ticket 1 is overdue"}
    assert len({mail["Message-ID"] for mail in server.mails}) == 2
    assert f"{PUBLIC_URL}/api/notifications/preferences" in text_of(server.mails[0])


def test_without_a_mail_server_no_mail_is_queued(staffed: Desk, rows: Rows) -> None:
    without = replace(staffed, settings=replace(staffed.settings, smtp_host=""))
    without.deliver(without.clock("sla.breached", 1, ANN))
    assert rows("select count(*) from notifications") == [(2,)]
    assert rows("select count(*) from deliveries") == [(0,)]


def test_who_reads_it_in_the_app_within_two_minutes_gets_no_mail(
    staffed: Desk, post: Post, server: MailServer, api: Api, rows: Rows
) -> None:
    staffed.deliver(staffed.assigned(1, ANN), staffed.assigned(2, ANN))
    post.send()
    assert server.mails == []
    ann = replace(api, role="agent")
    newest = ann.get("/api/notifications")["items"][0]
    ann.call("PATCH", f"/api/notifications/{newest['id']}", {"is_read": True})
    post.send_later(120)
    assert [mail["Subject"] for mail in server.mails] == ["Ticket 1 is assigned to you"]
    assert rows(STATES) == [("sent", 1), ("suppressed", 0)]


@pytest.mark.parametrize(
    "kind", ["assigned", "comment", "mention", "solution", "approval", "sla_warning", "sla_breach"]
)
def test_each_kind_can_be_switched_off_by_mail(
    staffed: Desk, post: Post, server: MailServer, api: Api, kind: str
) -> None:
    ann = replace(api, role="agent")
    wanted = {"solution": {"email": True}}
    ann.call("PUT", "/api/notifications/preferences", {"channels": wanted | {kind: {"email": False}}})
    staffed.deliver(
        staffed.assigned(1, ANN),
        staffed.commented(1, RIA),
        staffed.commented(1, RIA, ANN),
        staffed.make("ticket.solution.proposed", "1", source="rag-service", ticket_id=1),
        staffed.approval(1, ANN),
        staffed.clock("sla.warning", 1, ANN),
        staffed.clock("sla.breached", 1, ANN),
    )
    post.send_later(120)
    assert server.recipients.count("user7@example.com") == 6
    assert ann.get("/api/notifications")["unread_count"] == 7
    (off,) = [each for each in ann.every("/api/notifications") if each["kind"] == kind]
    assert off["subject"] not in {mail["Subject"] for mail in server.mails if mail["To"] == "user7@example.com"}


def test_what_changes_before_sending_suppresses_a_mail(
    staffed: Desk, post: Post, server: MailServer, api: Api, rows: Rows
) -> None:
    staffed.deliver(staffed.assigned(1, ANN), staffed.created(2, RIA), staffed.assigned(2, MAX))
    staffed.user(ANN, kind="updated", revision=2, is_active=False)
    ria = replace(api, role="requester", subject=f"user:{RIA}")
    ria.call("PUT", "/api/notifications/preferences", {"channels": {"received": {"email": False}}})
    staffed.deliver(staffed.deleted(2))
    post.send_later(120)
    assert server.mails == []
    assert rows("select state, reason from deliveries") == [("suppressed", "the person has no active account")]


def test_a_comment_that_is_deleted_within_two_minutes_makes_no_mail(
    staffed: Desk, post: Post, server: MailServer, rows: Rows
) -> None:
    staffed.deliver(staffed.assigned(1, ANN), staffed.assigned(2, ANN))
    post.send_later(120)
    staffed.deliver(staffed.commented(1, RIA), staffed.commented(2, RIA), staffed.comment_deleted(1, 3))
    post.send_later(120)
    assert [mail["Subject"] for mail in server.mails][2:] == ["New comment on ticket 2"]
    assert rows("select state, reason from deliveries where state <> 'sent'") == [
        ("suppressed", "the comment was deleted")
    ]
    staffed.deliver(staffed.comment_deleted(2, 3))
    assert rows("select count(*) from deliveries where state = 'suppressed'") == [(1,)]


def test_quiet_hours_hold_a_mail_back(staffed: Desk, post: Post, server: MailServer, api: Api, rows: Rows) -> None:
    now = rows("select to_char(now() at time zone 'utc' - interval '1 minute', 'HH24:MI')"
               ", to_char(now() at time zone 'utc' + interval '3 hours', 'HH24:MI')")[0]  # fmt: skip
    quiet = {"start": now[0], "end": now[1], "time_zone": "UTC"}
    replace(api, role="agent").call("PUT", "/api/notifications/preferences", {"quiet_hours": quiet})
    staffed.deliver(staffed.clock("sla.breached", 1, ANN))
    post.send()
    assert server.recipients == ["user10@example.com"]
    ((state, reason, waits),) = rows(
        "select state, reason, next_try_at > now() + interval '2 hours' from deliveries where user_id = %s", ANN
    )
    assert (state, reason, waits) == ("queued", "quiet hours", True)


def test_a_postponed_mail_is_sent_later_under_the_same_message_id(
    staffed: Desk, post: Post, server: MailServer, api: Api
) -> None:
    staffed.deliver(staffed.created(1, RIA))
    server.data = "451 later"
    post.send()
    post.send()
    assert len(server.mails) == 1
    post.send_later(59)
    assert len(server.mails) == 1
    server.data = "250 taken"
    post.send_later(2)
    post.send_later(86_400)
    assert len({mail["Message-ID"] for mail in server.mails}) == 1
    assert len(server.mails) == 2
    (shown,) = api.every(HISTORY)
    assert (shown["state"], shown["channel"], shown["kind"], shown["ticket_id"]) == ("sent", "email", "received", 1)
    assert [(each["number"], each["outcome"]) for each in shown["tries"]] == [(1, "postponed"), (2, "sent")]
    assert "451 later" in shown["tries"][0]["reason"]
    assert shown["tries"][1]["ended_at"].endswith("Z")


def test_a_mail_is_given_up_after_the_last_pause(staffed: Desk, post: Post, server: MailServer, rows: Rows) -> None:
    staffed.deliver(staffed.created(1, RIA))
    server.rcpt = "451 later"
    for _ in range(9):
        post.send_later(8 * 3600)
    assert server.offered == 6
    assert rows(STATES) == [("failed", 6)]


def test_a_refused_mail_is_not_tried_again(staffed: Desk, post: Post, server: MailServer, rows: Rows) -> None:
    staffed.deliver(staffed.created(1, RIA))
    server.rcpt = "550 no such mailbox"
    post.send()
    post.send_later(86_400)
    assert server.offered == 1
    ((state, reason),) = rows("select state, reason from deliveries")
    assert (state, "550" in reason) == ("failed", True)


def test_a_mail_without_an_answer_is_unknown_and_not_sent_again(
    staffed: Desk, post: Post, server: MailServer, api: Api
) -> None:
    staffed.deliver(staffed.created(1, RIA))
    server.data = "drop"
    post.send()
    server.data = "250 taken"
    post.send_later(86_400)
    assert len(server.mails) == 1
    assert [each["state"] for each in api.every(f"{HISTORY}?state=unknown")] == ["unknown"]


def test_requesters_and_agents_see_their_own_deliveries_alone(staffed: Desk, post: Post, api: Api) -> None:
    staffed.deliver(staffed.created(1, RIA), staffed.clock("sla.breached", 1, ANN))
    post.send()
    seen = {
        role: sorted(
            each["user_id"] for each in replace(api, role=role, subject=f"user:{number}").every(f"{HISTORY}?limit=2")
        )
        for role, number in (("requester", RIA), ("agent", ANN), ("manager", MAX))
    }
    assert seen == {"requester": [RIA], "agent": [ANN], "manager": [ANN, RIA, MAX]}
    assert replace(api, company=2).every(HISTORY) == []


def test_a_worker_sends_mails_in_threads_of_its_own_and_none_without_a_server(desk: Desk) -> None:
    loops = SERVICE.loops
    with_server = SERVICE.instance(desk.settings)
    without = SERVICE.instance(replace(desk.settings, smtp_host=""))
    reading = ["imap-0", "imap-1", "intake-0", "live"]
    assert sorted(loops(desk.settings, with_server.dependencies)) == [*reading, "mail-0", "mail-1", "webhooks"]
    assert sorted(loops(desk.settings, without.dependencies)) == [*reading, "webhooks"]
