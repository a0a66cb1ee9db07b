"""What a company may enter as a webhook, and which fields its messages have."""

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import smartticket_contracts
from eventbus.contracts import Contracts
from notification_service.domain.signing import secret_of, signed_headers
from notification_service.domain.webhook import BadWebhook, UrlRules, check_headers
from notification_service.domain.webhook_message import FIELDS, MAX_BYTES, message_id, render, wants
from outbound_kit.client import Permissions

RULES = UrlRules(frozenset({80, 443, 8443}), Permissions().permit)
CONTRACTS = Contracts.load(smartticket_contracts.folder())
TEXTS = {"title", "description", "text", "reason", "steps", "sources", "analysis", "priority_reason"}
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example/x?y=1", "http://hooks.example", "https://hooks.example:8443/", "https://93.184.216.34/x"],
)
def test_a_public_address_is_accepted(url: str) -> None:
    RULES.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example", "ftp://hooks.example/", "file:///etc/passwd", "https:///x", "https://hooks.example:22/",
        "https://hooks.example:0/", "https://hooks.example:99999/", "https://a:b@hooks.example/", "https://hooks.example/#x",
        "https://hooks.example/ x", "https://hooks.example\\@evil.example/", "https://höoks.example/", "http://[::1",
        "https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://localhost/",
    ],
)  # fmt: skip
def test_another_address_is_refused_by_its_field(url: str) -> None:
    with pytest.raises(BadWebhook) as refused:
        RULES.check(url)
    assert refused.value.errors[0]["field"] == "url"


def test_an_operator_may_permit_every_port() -> None:
    UrlRules(None, Permissions(development=True).permit).check("http://127.0.0.1:3000/")


@pytest.mark.parametrize(
    "name",
    ["Host", "content-type", "Content-Length", "webhook-id", "Webhook-Signature", "Connection", "Transfer-Encoding",
     "TE", "Upgrade", "Keep-Alive", "Proxy-Authorization", "Trailer", "Expect", "User-Agent", "a b", "", "a:b"],
)  # fmt: skip
def test_a_header_of_the_message_or_the_connection_is_refused(name: str) -> None:
    with pytest.raises(BadWebhook):
        check_headers({name: "x"})


@pytest.mark.parametrize("value", ["", " x", "x ", "a\r\nHost: b", "ä", "x" * 1001])
def test_a_value_that_is_no_line_is_refused(value: str) -> None:
    with pytest.raises(BadWebhook):
        check_headers({"X-Key": value})


def test_headers_of_ones_own_are_accepted_within_limits() -> None:
    check_headers({"Authorization": "Bearer x y", "X-Key": "1"})
    with pytest.raises(BadWebhook):
        check_headers({f"X-{number}": "1" for number in range(11)})
    with pytest.raises(BadWebhook):
        check_headers({"X-Key": "1", "x-key": "2"})


@pytest.mark.parametrize("event", FIELDS)
def test_every_field_of_a_message_is_in_the_contract_and_none_is_a_text(event: str) -> None:
    example = CONTRACTS.schemas[event]["examples"][0]
    assert {*FIELDS[event], "ticket_id"} <= example.keys()
    texts = TEXTS - ({"reason"} if event == "sla.breached" else set())  # one of three words there
    assert not texts & set(FIELDS[event])


def test_the_document_lists_every_event_with_its_fields() -> None:
    text = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    listed = {
        row[0]: tuple(row[1:])
        for row in (re.findall(r"`([a-z_.]+)`", line) for line in text.splitlines() if line[:1] == "|")
        if row
    }
    assert {event: listed.get(event) for event in FIELDS} == dict(FIELDS)


def test_the_documented_verification_accepts_a_message_and_no_other() -> None:
    text = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], names)
    key, now = b"k" * 32, int(time.time())
    headers = signed_headers([b"other" * 8, key], "msg_1", now, b"{}")
    assert names["is_genuine"](secret_of(key), headers, b"{}")
    assert not names["is_genuine"](secret_of(key), headers, b"{ }")
    assert not names["is_genuine"](secret_of(b"x" * 32), headers, b"{}")
    assert not names["is_genuine"](secret_of(key), signed_headers([key], "msg_1", now - 400, b"{}"), b"{}")


def test_a_body_has_the_ids_alone_where_it_would_be_too_large() -> None:
    data = {"ticket_id": 42, "team": "ä" * MAX_BYTES, "comment_id": 3, "ticket_uuid": "u"}
    body = render("ticket.routed", company_id=1, time=NOW, revision=7, data=data)
    assert len(body.encode()) <= MAX_BYTES
    assert json.loads(body) == {
        "type": "ticket.routed", "version": 1, "timestamp": "2026-11-30T12:00:00Z", "company_id": 1, "revision": 7,
        "data": {"ticket_id": 42, "comment_id": 3}, "is_shortened": True,
    }  # fmt: skip


def test_a_webhook_hears_of_what_it_names_or_of_everything() -> None:
    assert wants(["ticket.created"], "ticket.created")
    assert not wants(["ticket.created"], "ticket.deleted")
    assert wants(["*"], "ticket.deleted")
    assert message_id(3, "e") == "msg_3_e"
