"""Webhooks: signed messages about events, in order per ticket, at least once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from notification_service.adapters.webhook_http import WebhookHttp
from notification_service.service import SERVICE
from notification_service.usecases.remove_old import Retention
from outbound_kit.client import OutboundHttp, Permissions

from ..conftest import Api, Desk, Rows
from ..hook_server import Receiver, hook_server
from .webhook_fixtures import NAMES, WEBHOOKS, Hooks, hooks, receiver, story

__all__ = ["hooks", "receiver"]

STATES = "select state, tries, step from webhook_deliveries order by id"


def test_a_message_arrives_signed_with_ids_and_no_texts(hooks: Hooks, desk: Desk, receiver: Receiver) -> None:
    webhook = hooks.add(receiver, headers={"Authorization": "Bearer own"})
    created = desk.created(42)
    desk.deliver(created)
    assert hooks.send() == 1
    (got,) = receiver.received
    assert got.is_signed_by(webhook["secret"])
    assert not got.is_signed_by("whsec_" + "A" * 44)
    assert (got.headers["content-type"], got.headers["authorization"]) == ("application/json", "Bearer own")
    assert got.id == f"msg_{webhook['id']}_{created.id}"
    assert (got.content["type"], got.content["revision"], got.content["company_id"]) == ("ticket.created", 1, 1)
    assert got.content["data"].keys() == {
        "ticket_id", "ticket_uuid", "external_ticket_id", "requester", "priority", "created_at",
    }  # fmt: skip
    assert b"password" not in got.body
    (shown,) = hooks.deliveries()
    assert (shown["state"], shown["message_id"], shown["ticket_id"]) == ("delivered", got.id, 42)
    assert [(each["number"], each["status"], each["reason"]) for each in shown["tries"]] == [(1, 204, "answered 204")]


def test_no_webhook_hears_of_an_internal_note(hooks: Hooks, desk: Desk, receiver: Receiver) -> None:
    hooks.add(receiver)
    desk.deliver(desk.commented(42, 7, internal=True), desk.commented(42, 7))
    hooks.send()
    assert receiver.of_ticket(42) == ["ticket.commented"]


def test_a_webhook_hears_of_its_events_and_its_company_alone(hooks: Hooks, desk: Desk, receiver: Receiver) -> None:
    hooks.add(receiver, "sla.breached")
    story(desk, 1)
    story(desk, 2, company=2)
    hooks.send()
    assert [(each.ticket, each.content["type"]) for each in receiver.received] == [(1, "sla.breached")]


def test_an_event_that_is_delivered_twice_is_one_message_per_webhook(
    hooks: Hooks, desk: Desk, receiver: Receiver
) -> None:
    for _ in range(2):
        hooks.add(receiver)
    created = desk.created(42)
    desk.deliver(created)
    desk.deliver(created)
    hooks.send()
    assert len(receiver.ids) == len(set(receiver.ids)) == 2


def test_a_queue_that_is_filled_again_brings_no_message_from_before_the_webhook(
    hooks: Hooks, desk: Desk, receiver: Receiver
) -> None:
    past = (datetime.now(UTC) - timedelta(days=6)).isoformat()
    old, new = desk.created(1), desk.created(2)
    hooks.add(receiver)
    desk.deliver(replace(old, attributes={**old.attributes, "time": past}), new)
    hooks.send()
    assert [each.ticket for each in receiver.received] == [2]


def test_a_name_that_leads_inside_is_not_called_and_its_address_not_shown(
    hooks: Hooks, desk: Desk, receiver: Receiver
) -> None:
    hooks.add(receiver)
    outside = OutboundHttp(Permissions(), max_lookups=2)
    hooks.sender = replace(hooks.sender, caller=WebhookHttp(outside, 15))
    desk.deliver(desk.created(1))
    hooks.send()
    assert receiver.received == []
    (shown,) = hooks.deliveries()
    assert shown["reason"] == "the name doesn't lead to a public address"


def test_a_company_without_webhooks_takes_no_events_that_are_for_webhooks_alone(
    hooks: Hooks, desk: Desk, receiver: Receiver, rows: Rows
) -> None:
    hooks.add(receiver, company=2)
    desk.deliver(desk.make("task.completed", "1", source="workflow-service", ticket_id=1))
    story(desk, 1)
    assert rows("select count(*) from webhook_deliveries") == [(0,)]
    assert rows("select count(*) from inbox where type = 'task.completed'") == [(0,)]
    hooks.add(receiver)
    desk.deliver(desk.make("task.completed", "2", source="workflow-service", ticket_id=2))
    story(desk, 2)
    assert rows("select count(*) from webhook_deliveries") == [(6,)]
    assert rows("select count(*) from inbox where type = 'task.completed'") == [(1,)]


def test_after_a_rotation_both_secrets_sign_for_a_day(hooks: Hooks, desk: Desk, receiver: Receiver, api: Api) -> None:
    webhook = hooks.add(receiver)
    rotated = api.call("POST", f"{WEBHOOKS}/{webhook['id']}/rotate-secret")
    assert rotated.status_code == 200
    new, old = rotated.json["secret"], webhook["secret"]
    for seconds, both in ((0, True), (86_000, True), (500, False)):
        hooks.later(seconds)
        desk.deliver(desk.clock("sla.warning", 1, 7))
        hooks.send()
        assert receiver.received[-1].is_signed_by(new)
        assert receiver.received[-1].is_signed_by(old) is both


def test_a_slow_receiver_delays_no_other_company_and_few_of_its_own(
    hooks: Hooks, desk: Desk, receiver: Receiver
) -> None:
    with hook_server(hangs=True) as slow:
        for _ in range(3):
            hooks.add(slow, company=2)
        hooks.add(receiver)
        for ticket in range(20):
            desk.deliver(desk.created(1 + ticket, company=2))
        claims = hooks.sender.claim(100)
        assert len(claims) == 4
        assert max(sum(each.webhook_id == claim.webhook_id for each in claims) for claim in claims) == 2
        story(desk, 1)
        assert hooks.send() == 5
        assert receiver.of_ticket(1) == NAMES


def test_senders_at_the_same_time_keep_the_limits_and_the_order(hooks: Hooks, desk: Desk, receiver: Receiver) -> None:
    hooks.add(receiver)
    for ticket in range(1, 11):
        story(desk, ticket)
    others = [replace(hooks, sender=replace(hooks.sender), most_per_look=[]) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.send(), others))
    hooks.send()
    assert [receiver.of_ticket(ticket) for ticket in range(1, 11)] == 10 * [NAMES]
    assert receiver.most_at_once <= 2


def test_a_changed_key_is_said_and_calls_nobody(hooks: Hooks, desk: Desk, receiver: Receiver, rows: Rows) -> None:
    hooks.add(receiver)
    desk.deliver(desk.created(1))
    settings = replace(desk.settings, sealing_key=b"another" * 5)
    hooks.sender = SERVICE.instance(settings).dependencies.webhooks.sender
    hooks.send()
    assert receiver.received == []
    assert "NOTIFICATION_KEY_SECRET" in hooks.deliveries()[0]["reason"]


def test_old_deliveries_and_former_secrets_are_removed(
    hooks: Hooks, desk: Desk, receiver: Receiver, api: Api, rows: Rows
) -> None:
    webhook = hooks.add(receiver)
    api.call("POST", f"{WEBHOOKS}/{webhook['id']}/rotate-secret")
    desk.deliver(desk.created(1))
    hooks.send()
    receiver.status = 500
    desk.deliver(desk.created(2))
    hooks.send()
    hooks.later(31 * 86_400)
    Retention(desk.database, 90, 30, 30).remove_deliveries(1, datetime.now(UTC) - timedelta(days=30))
    assert rows("select ticket_id, state from webhook_deliveries") == [(2, "pending")]
    assert rows("select former_secret_sealed from webhooks") == [(None,)]
