"""Receivers of webhooks that fail, are away or are gone: what is tried again when, and in which order."""

import pytest

from ..conftest import Api, Desk, Rows
from ..hook_server import Receiver
from .webhook_fixtures import NAMES, WEBHOOKS, Hooks, hooks, receiver, story

__all__ = ["hooks", "receiver"]

STATES = "select state, tries, step from webhook_deliveries order by id"


def test_messages_of_a_ticket_arrive_in_order_and_a_failure_holds_up_that_ticket_alone(
    hooks: Hooks, desk: Desk, receiver: Receiver
) -> None:
    hooks.add(receiver)
    receiver.status = lambda got: 500 if got.ticket == 1 else 204
    for ticket in (1, 2, 3):
        story(desk, ticket)
    hooks.send()
    assert receiver.of_ticket(2) == receiver.of_ticket(3) == NAMES
    assert receiver.of_ticket(1) == ["ticket.created"]
    assert sorted(each["state"] for each in hooks.deliveries() if each["ticket_id"] == 1) == ["pending"] + 4 * [
        "waiting"
    ]
    receiver.status = 204
    hooks.send_later(6)
    assert receiver.of_ticket(1) == ["ticket.created", *NAMES]


def test_a_message_that_is_given_up_lets_the_next_one_of_its_ticket_through(
    hooks: Hooks, desk: Desk, receiver: Receiver, rows: Rows
) -> None:
    hooks.add(receiver)
    receiver.status = lambda got: 400 if got.content["type"] == "ticket.created" else 204
    story(desk, 1)
    for ticket in range(2, 12):  # its successes keep the breaker closed
        hooks.send_later(2 * 86_400)
        desk.deliver(desk.clock("sla.warning", ticket, 7))
        hooks.send()
    assert receiver.of_ticket(1) == 10 * ["ticket.created"] + NAMES[1:]
    assert rows(STATES)[0] == ("failed", 10, 10)


def test_after_failures_in_a_row_a_webhook_gets_one_probe_at_a_time(
    hooks: Hooks, desk: Desk, receiver: Receiver
) -> None:
    webhook = hooks.add(receiver)
    receiver.status = 500
    for ticket in range(1, 11):
        desk.deliver(desk.created(ticket))
    hooks.send()
    assert 5 <= len(receiver.received) <= 6
    begun = len(receiver.received)
    assert hooks.send_later(29) == 0
    assert hooks.send_later(2) == 1
    assert hooks.shown(webhook)["failing_since"] is not None
    for _ in range(9):
        assert hooks.send_later(31) == 1
    # Each of the ten was a probe: a message that is at fault itself doesn't stand in the others' way.
    assert {each.ticket for each in receiver.received[begun:]} == set(range(1, 11))


def test_a_receiver_that_was_away_for_a_day_gets_everything_in_order_with_the_first_success(
    hooks: Hooks, desk: Desk, receiver: Receiver, rows: Rows
) -> None:
    webhook = hooks.add(receiver)
    receiver.status = 503
    for hour in range(24):
        story(desk, 100 + hour)
        hooks.send_later(3600)
    assert not [each for each in hooks.deliveries("?limit=100") if each["state"] in ("delivered", "failed")]
    receiver.received.clear()
    receiver.status = 204
    hooks.send_later(31)
    assert [receiver.of_ticket(100 + hour) for hour in range(24)] == 24 * [NAMES]
    assert {state for state, _, _ in rows(STATES)} == {"delivered"}
    assert hooks.shown(webhook)["failing_since"] is None


@pytest.mark.parametrize("status", [301, 302, 307, 404, 500])
def test_a_redirect_or_an_error_is_a_failure(hooks: Hooks, desk: Desk, receiver: Receiver, status: int) -> None:
    hooks.add(receiver)
    receiver.status, receiver.answer = status, b"\x00no\xff" + b"x" * 5000
    receiver.headers = {"Location": receiver.url}
    desk.deliver(desk.created(1))
    hooks.send()
    (shown,) = hooks.deliveries()
    assert (len(receiver.received), shown["state"], shown["tries"][0]["status"]) == (1, "pending", status)
    assert len(shown["tries"][0]["answer"]) == 1024


def test_retry_after_pauses_a_webhook(hooks: Hooks, desk: Desk, receiver: Receiver) -> None:
    hooks.add(receiver)
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    desk.deliver(desk.created(1))
    hooks.send()
    desk.deliver(desk.created(2))
    receiver.status = 204
    assert hooks.send_later(590) == 0
    assert hooks.send_later(20) == 2


def test_410_switches_off_and_admins_are_notified(
    hooks: Hooks, desk: Desk, receiver: Receiver, api: Api, rows: Rows
) -> None:
    desk.user(7, "admin")
    desk.user(8, "manager")
    webhook = hooks.add(receiver)
    receiver.status = 410
    story(desk, 1)
    story(desk, 2)  # its first message is under way at the same time
    hooks.send()
    assert len(receiver.received) == 2
    shown = hooks.shown(webhook)
    assert (shown["is_active"], "410" in shown["disabled_reason"]) == (False, True)
    assert shown["version"] == webhook["version"] + 1
    assert hooks.send_later(86_400) == 0
    (notice,) = api.every("/api/notifications")
    assert notice["subject"] == f"Webhook {webhook['id']} is switched off"
    assert rows("select user_id from notifications") == [(7,)]
    receiver.status = 204
    receiver.received.clear()
    assert api.call("PATCH", f"{WEBHOOKS}/{webhook['id']}", {"is_active": True}).json["disabled_reason"] == ""
    hooks.send()
    assert receiver.of_ticket(1) == NAMES


def test_five_days_of_failures_switch_off(hooks: Hooks, desk: Desk, receiver: Receiver) -> None:
    webhook = hooks.add(receiver)
    receiver.status = 500
    desk.deliver(desk.created(1))
    hooks.send()
    hooks.send_later(4 * 86_400)
    assert hooks.shown(webhook)["is_active"]
    hooks.send_later(86_401)
    assert not hooks.shown(webhook)["is_active"]


def test_a_receiver_that_is_back_gets_what_waits_for_it_with_the_next_success(
    hooks: Hooks, desk: Desk, receiver: Receiver
) -> None:
    hooks.add(receiver)
    receiver.status = 500
    desk.deliver(desk.created(1))
    for seconds in (0, 6, 400):
        hooks.send_later(seconds)
    hooks.later(60)  # the next try is in half an hour
    receiver.status = 204
    desk.deliver(desk.created(2))
    assert hooks.send() == 2
