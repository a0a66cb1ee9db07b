"""An address that the mail server refuses again and again gets no mails any more, until somebody changes that."""

from dataclasses import replace

import pytest

from ..conftest import Api, Desk, Rows
from ..mail_server import MailServer
from .mail_fixtures import MOST_BOUNCES, RIA, Post, post, server, staffed

__all__ = ["post", "server", "staffed"]

SUPPRESSIONS = "/api/suppressed-addresses"
STATES = "select state, count(*) from deliveries group by state order by state"


@pytest.fixture
def refused(staffed: Desk, post: Post, server: MailServer) -> Desk:
    """A company with a requester to whom two mails were refused."""
    server.rcpt = "550 5.1.1 no such mailbox"
    for ticket in range(MOST_BOUNCES):
        staffed.deliver(staffed.created(ticket + 1, RIA))
        post.send()
    return staffed


def test_after_some_refusals_nothing_is_offered_and_the_app_goes_on(
    refused: Desk, post: Post, server: MailServer, api: Api, rows: Rows
) -> None:
    refused.deliver(refused.created(9, RIA))
    post.send()
    assert server.offered == MOST_BOUNCES
    assert rows(STATES) == [("failed", MOST_BOUNCES), ("suppressed", 1)]
    ria = replace(api, role="requester", subject=f"user:{RIA}")
    assert ria.get("/api/notifications")["unread_count"] == MOST_BOUNCES + 1
    newest = ria.get("/api/notifications/history")["items"][0]
    assert newest["reason"] == "the address takes no mails: 550 5.1.1 no such mailbox"


def test_managers_see_the_address_and_why(refused: Desk, api: Api) -> None:
    (shown,) = replace(api, role="manager", subject="user:10").get(SUPPRESSIONS)["items"]
    assert shown["address"] == f"user{RIA}@example.com"
    assert shown["reason"].startswith("550 5.1.1")
    assert replace(api, company=2).get(SUPPRESSIONS)["items"] == []


def test_an_admin_lets_a_person_get_mails_again(
    refused: Desk, post: Post, server: MailServer, api: Api, rows: Rows
) -> None:
    (shown,) = api.get(SUPPRESSIONS)["items"]
    assert api.call("DELETE", f"{SUPPRESSIONS}/{shown['id']}").status_code == 204
    assert api.call("DELETE", f"{SUPPRESSIONS}/{shown['id']}").json["code"] == "suppression_not_found"
    server.rcpt = "250 taken"
    refused.deliver(refused.created(9, RIA))
    post.send()
    assert server.recipients == ["user9@example.com"]
    assert not [changes for (changes,) in rows("select changes::text from audit") if "user9" in changes]


def test_a_new_address_gets_mails_and_begins_anew(
    refused: Desk, post: Post, server: MailServer, api: Api, rows: Rows
) -> None:
    refused.user(RIA, "requester", kind="updated", revision=2, email="Ria@New.example")
    refused.deliver(refused.created(8, RIA))
    post.send()
    assert server.offered == MOST_BOUNCES + 1
    assert rows("select address, number from bounces") == [("ria@new.example", 1)]
    server.rcpt = "250 taken"
    refused.deliver(refused.created(9, RIA))
    post.send()
    assert rows("select count(*) from bounces") == [(0,)]


@pytest.mark.parametrize("answer", ["451 4.2.2 full", "550 5.7.1 relaying denied"])
def test_what_is_not_about_the_address_is_no_bounce(
    staffed: Desk, post: Post, server: MailServer, rows: Rows, answer: str
) -> None:
    server.rcpt = answer
    staffed.deliver(staffed.created(1, RIA))
    post.send()
    assert rows("select count(*) from bounces") == [(0,)]


def test_a_deleted_person_takes_the_refusals_along(refused: Desk, rows: Rows) -> None:
    refused.user(RIA, "requester", kind="deleted", revision=2)
    assert rows("select (select count(*) from bounces), (select count(*) from suppressed_addresses)") == [(0, 0)]
