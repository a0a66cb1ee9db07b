"""Messages of the queue become tickets, or are refused with the field's name and without their content."""

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from external_kit.celery_messages import celery_message, plain_message
from external_kit.message import ExternalMessage, Refused
from ticket_service.adapters.hdts_queue import read_message
from ticket_service.domain.hdts_signature import sign
from ticket_service.settings import HdtsSettings

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
SETTINGS = HdtsSettings("amqp://broker/", "q", 1, (), 100_000, 300)
SIGNED = replace(SETTINGS, secrets=("new-secret", "old-secret"))
TICKET = {
    "ticket_id": "HD-1", "title": "Secret text", "category": "Hardware", "sub_category": "Laptop", "priority": "low",
}  # fmt: skip
TASK = "tickets.tasks.receive_ticket"


@pytest.mark.parametrize(
    "message",
    [
        celery_message(TASK, {"ticket_data": TICKET}),
        celery_message(TASK, {"ticket": TICKET}),
        celery_message(TASK, TICKET),
        celery_message("any.task", {"ticket_data": TICKET}),
        plain_message(TICKET),
        plain_message({"ticket_data": TICKET}),
        plain_message({"task": TASK, "args": [TICKET], "kwargs": {}}),
        plain_message({"task": TASK, "args": [], "kwargs": {"ticket_data": TICKET}}),
        ExternalMessage(json.dumps([[TICKET], {}, {}]).encode(), {"task": TASK}),
    ],
)
def test_the_ticket_is_found_in_every_form(message: ExternalMessage) -> None:
    sent = read_message(message, SETTINGS, NOW)
    assert (sent.ticket.external_id, sent.ticket.title, sent.sent_at) == ("HD-1", "Secret text", None)
    assert sent.message_id == message.id


def signed(message: ExternalMessage, secret: str, *, body: bytes | None = None) -> ExternalMessage:
    at = int(NOW.timestamp())
    signature = sign(secret, at, message.body if body is None else body)
    return replace(message, headers={**message.headers, "x-hdts-timestamp": at, "x-hdts-signature": signature})


@pytest.mark.parametrize("secret", SIGNED.secrets)
def test_a_signed_message_is_accepted_and_says_when_it_was_sent(secret: str) -> None:
    message = signed(celery_message(TASK, {"ticket_data": TICKET}), secret)
    assert read_message(message, SIGNED, NOW).sent_at == NOW


def test_the_unpacked_body_is_signed() -> None:
    plain = plain_message(TICKET)
    packed = replace(plain, body=zlib.compress(plain.body), headers={"compression": "application/x-gzip"})
    assert read_message(signed(packed, "new-secret", body=plain.body), SIGNED, NOW).sent_at == NOW
    with pytest.raises(Refused, match=r"^x-hdts-signature"):
        read_message(signed(packed, "new-secret"), SIGNED, NOW)


def test_what_is_not_signed_is_refused_before_it_is_read() -> None:
    for message in (plain_message(TICKET), ExternalMessage(b"not JSON")):
        with pytest.raises(Refused, match=r"^x-hdts-"):
            read_message(message, SIGNED, NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": None}, "title: must be"),
        ({"sub_category": ""}, "sub_category: must be"),
        ({"priority": "extreme", "title": 7}, "title: must be .*; priority: must be one of"),
    ],
)
def test_the_reason_names_the_fields_and_repeats_no_text(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=f"^{reason}") as refused:
        read_message(celery_message(TASK, {"ticket_data": TICKET | changes}), SETTINGS, NOW)
    assert "Secret" not in str(refused.value)


def test_a_body_is_limited() -> None:
    large = plain_message({**TICKET, "description": "x" * 100_000})
    with pytest.raises(Refused, match=r"^body: larger"):
        read_message(large, SETTINGS, NOW)
