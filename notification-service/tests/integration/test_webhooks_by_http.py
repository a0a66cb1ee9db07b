"""The routes of webhooks: what is refused, what is shown, what is sent again."""

from dataclasses import replace
from typing import Any

import pytest

from ..conftest import Api, Desk, Rows
from ..hook_server import Receiver
from .webhook_fixtures import WEBHOOKS, Hooks, hooks, receiver

__all__ = ["hooks", "receiver"]

BODY = {"url": "https://hooks.example/x", "events": ["ticket.created"]}


def test_a_webhook_is_added_changed_and_deleted_and_its_secret_shown_once(api: Api, rows: Rows) -> None:
    added = api.call("POST", WEBHOOKS, BODY | {"description": "board", "headers": {"Authorization": "Bearer own"}})
    assert (added.status_code, added.json["secret"][:6]) == (201, "whsec_")
    path = f"{WEBHOOKS}/{added.json['id']}"
    shown = api.call("GET", path)
    assert "secret" not in shown.json
    assert "Bearer own" not in shown.text
    assert (shown.json["header_names"], shown.json["is_active"]) == (["Authorization"], True)
    changed = api.call("PATCH", path, {"events": ["*"]}, If_Match=added.headers["ETag"])
    assert (changed.json["version"], changed.json["events"], changed.json["url"]) == (2, ["*"], BODY["url"])
    assert api.call("PATCH", path, {"events": ["*"]}).json["version"] == 2
    assert api.call("PATCH", path, {"headers": {}}).json["header_names"] == []
    stored = str(rows("select * from webhooks"))
    assert added.json["secret"] not in stored
    assert "Bearer own" not in stored
    assert [each["id"] for each in api.every(WEBHOOKS)] == [added.json["id"]]
    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).json["code"] == "webhook_not_found"


def wrong(field: str, **changes: Any) -> Any:
    return pytest.param(changes, field, id=f"{field} {changes}")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        wrong("url", url="http://169.254.169.254/latest/meta-data"),
        wrong("url", url="gopher://hooks.example/"),
        wrong("url", url="x" * 501),
        wrong("url", url=" "),
        wrong("events", events=[]),
        wrong("events.0", events=["ticket.unknown"]),
        wrong("events.0", events=["user.created"]),
        wrong("is_active", is_active="yes"),
        wrong("description", description="x" * 201),
        wrong("description", description="a\x07b"),
        wrong("headers.Host", headers={"Host": "evil.example"}),
        wrong("headers.webhook-id", headers={"webhook-id": "1"}),
        wrong("headers.X", headers={"X": "a\r\nY: b"}),
        wrong("secret", secret="whsec_own"),
    ],
)
def test_what_cannot_be_stored_is_named(api: Api, rows: Rows, changes: Any, field: str) -> None:
    refused = api.call("POST", WEBHOOKS, BODY | changes)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, field), refused.text
    assert rows("select count(*) from webhooks") == [(0,)]


def test_a_company_has_a_limited_number(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    kit = api.client.application.extensions["service_kit"]
    limited = replace(kit.dependencies, webhooks=replace(kit.dependencies.webhooks, max_per_company=1))
    monkeypatch.setattr(kit, "dependencies", limited)
    assert api.call("POST", WEBHOOKS, BODY).status_code == 201
    assert api.call("POST", WEBHOOKS, BODY).json["code"] == "too_many_webhooks"


def test_a_repeated_request_shows_the_same_secret_and_stores_none(api: Api, rows: Rows) -> None:
    first, again = (api.call("POST", WEBHOOKS, BODY, Idempotency_Key="one") for _ in range(2))
    assert first.json == again.json
    assert first.json["secret"] not in str(rows("select * from idempotency_keys"))


def test_the_audit_shows_no_address_and_no_secret(api: Api, rows: Rows) -> None:
    added = api.call("POST", WEBHOOKS, BODY)
    api.call("POST", f"{WEBHOOKS}/{added.json['id']}/rotate-secret")
    records = str(rows("select action, changes from audit order by id"))
    assert "webhook.created" in records
    assert "webhook.updated" in records
    assert "hooks.example" not in records
    assert added.json["secret"] not in records


def test_a_ping_is_sent_and_shown(hooks: Hooks, api: Api, receiver: Receiver) -> None:
    webhook = hooks.add(receiver, "ticket.created")
    queued = api.call("POST", f"{WEBHOOKS}/{webhook['id']}/ping")
    assert (queued.status_code, queued.json["state"]) == (202, "pending")
    hooks.send()
    (got,) = receiver.received
    assert (got.content["type"], got.content["data"]) == ("webhook.ping", {"webhook_id": webhook["id"]})
    assert got.is_signed_by(webhook["secret"])
    (shown,) = api.every(f"{WEBHOOKS}/{webhook['id']}/deliveries")
    assert (shown["state"], shown["ticket_id"]) == ("delivered", None)
    api.call("PATCH", f"{WEBHOOKS}/{webhook['id']}", {"is_active": False})
    assert api.call("POST", f"{WEBHOOKS}/{webhook['id']}/ping").json["code"] == "webhook_inactive"


def test_a_replay_has_the_same_id_and_body_and_a_new_time(
    hooks: Hooks, api: Api, desk: Desk, receiver: Receiver
) -> None:
    webhook, other = hooks.add(receiver), hooks.add(receiver, "sla.warning")
    desk.deliver(desk.created(42))
    hooks.send()
    (shown,) = hooks.deliveries()
    path = f"{WEBHOOKS}/{{}}/deliveries/{shown['id']}/replay"
    assert api.call("POST", path.format(other["id"])).json["code"] == "webhook_delivery_not_found"
    assert api.call("POST", path.format(webhook["id"])).json["state"] == "pending"
    assert api.call("POST", path.format(webhook["id"])).json["code"] == "delivery_outstanding"
    hooks.send()
    assert api.call("POST", f"{WEBHOOKS}/deliveries/{shown['id']}/replay").status_code == 202
    hooks.send()
    first, *others = receiver.received
    assert [(each.id, each.body) for each in others] == 2 * [(first.id, first.body)]
    assert others[0].is_signed_by(webhook["secret"])
    assert [each["number"] for each in hooks.deliveries()[0]["tries"]] == [1, 2, 3]


def test_deliveries_are_listed_by_state_and_webhook(hooks: Hooks, api: Api, desk: Desk, receiver: Receiver) -> None:
    webhook, other = hooks.add(receiver), hooks.add(receiver, "ticket.deleted")
    desk.deliver(desk.created(1), desk.created(2), desk.clock("sla.warning", 2, 7))
    receiver.status = lambda got: 500 if got.ticket == 2 else 204
    hooks.send()

    def tickets(query: str) -> list[Any]:
        return [(each["ticket_id"], each["state"]) for each in api.every(f"{WEBHOOKS}{query}")]

    assert tickets("/deliveries?state=delivered") == [(1, "delivered")]
    assert tickets(f"/{webhook['id']}/deliveries?limit=1") == [(2, "waiting"), (2, "pending"), (1, "delivered")]
    assert tickets(f"/{webhook['id']}/deliveries?state=waiting") == [(2, "waiting")]
    assert tickets(f"/deliveries?webhook_id={other['id']}") == []
    assert replace(api, company=2).call("GET", f"{WEBHOOKS}/{webhook['id']}/deliveries").status_code == 404


@pytest.mark.parametrize("role", ["requester", "agent", "service"])
def test_only_managers_and_admins_see_webhooks(api: Api, role: str) -> None:
    assert replace(api, role=role).call("GET", WEBHOOKS).status_code == 403
