"""Many notifications of one kind in a short time become one with a count, and one mail."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ..conftest import Api, Desk, Rows
from ..mail_server import MailServer
from .mail_fixtures import ANN, MAX, Post, post, server, staffed

__all__ = ["post", "server", "staffed"]

LIMIT = 3
LIST = "/api/notifications"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """A desk whose people get three notifications of a kind one by one."""
    return replace(desk, settings=replace(desk.settings, storm=LIMIT))


def breach(desk: Desk, first: int, last: int) -> None:
    desk.deliver(*(desk.clock("sla.breached", ticket, ANN) for ticket in range(first, last + 1)))


def test_five_hundred_breaches_become_some_and_one_with_a_count(
    staffed: Desk, api: Api, post: Post, server: MailServer, rows: Rows
) -> None:
    for first in range(1, 501, 100):
        breach(staffed, first, first + 99)
    ann = replace(api, role="agent")
    shown = ann.every(LIST)
    single, counts = [each for each in shown if each["ticket_id"]], [each for each in shown if not each["ticket_id"]]
    assert [each["ticket_id"] for each in single] == [3, 2, 1]
    # The ten minutes may end between two batches.
    assert len(counts) <= 2
    assert sum(int(each["subject"].split()[0]) for each in counts) == 497
    assert {each["kind"] for each in shown} == {"sla_breach"}
    post.send_later(600)
    assert server.recipients.count("user7@example.com") == LIMIT + len(counts)
    subjects = [mail["Subject"] for mail in server.mails if mail["To"] == "user7@example.com"]
    assert {"Ticket 1 is overdue", counts[0]["subject"]} <= set(subjects)
    assert rows("select count(*) from deliveries where user_id = %s", MAX) == [(LIMIT + len(counts),)]


def test_the_count_is_unread_again_when_it_grows(staffed: Desk, api: Api) -> None:
    breach(staffed, 1, 5)
    ann = replace(api, role="agent")
    newest = ann.get(LIST)["items"][0]
    assert newest["subject"] == "2 more overdue tickets"
    ann.call("POST", f"{LIST}/read-all", {"up_to": newest["id"]})
    breach(staffed, 6, 6)
    assert ann.get(LIST)["unread_count"] == 1


def test_other_kinds_and_other_people_are_not_held_back(staffed: Desk, api: Api) -> None:
    breach(staffed, 1, 9)
    staffed.deliver(staffed.assigned(1, ANN), staffed.assigned(2, MAX))
    ann = replace(api, role="agent")
    assert ann.get(LIST)["items"][0]["subject"] == "Ticket 1 is assigned to you"
    manager = replace(api, role="manager", subject=f"user:{MAX}")
    assert manager.get(LIST)["items"][0]["subject"] == "Ticket 2 is assigned to you"


def test_after_the_time_there_are_single_ones_again(staffed: Desk, api: Api, rows: Rows) -> None:
    breach(staffed, 1, 5)
    rows("update notifications set created_at = created_at - interval '11 minutes' returning 1")
    breach(staffed, 6, 6)
    assert replace(api, role="agent").get(LIST)["items"][0]["subject"] == "Ticket 6 is overdue"


def test_batches_at_once_lose_none_of_the_count(staffed: Desk, api: Api) -> None:
    breach(staffed, 1, 3)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda first: breach(staffed, first, first + 9), range(10, 50, 10)))
    counts = [each for each in replace(api, role="agent").every(LIST) if not each["ticket_id"]]
    assert sum(int(each["subject"].split()[0]) for each in counts) == 40
