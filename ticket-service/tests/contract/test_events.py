"""Published events keep their contracts."""

import json
from collections.abc import Callable
from typing import Any

import smartticket_contracts
from eventbus.contracts import Contracts
from service_kit.testing.postgres import ServiceDatabase
from ticket_service.settings import Settings

from ..conftest import DRAFT, Api
from ..integration.test_consume import Inside
from ..integration.test_mails import Mails
from ..integration.test_teams import publish_team

Rows = Callable[..., list[tuple[Any, ...]]]


def test_every_event_it_emits_keeps_its_contract(
    api: Api, made: ServiceDatabase, read: Callable[..., Settings], rows: Rows
) -> None:
    odd = {"title": '"quoted" \\ \u2028 {', "description": "\u0001\t{}[]" * 50}
    number = api.create(metadata={"x": 1}, priority="urgent", **odd)["id"]
    api.create()
    api.call("POST", "/tickets", {"subject": "s", "body": "b", "customer_id": "c"})
    api.call("POST", "/api/tickets", DRAFT, Idempotency_Key="k")
    inside = Inside(made)
    publish_team(inside, "created", 7, "Network")
    edit = {
        "title": "t",
        "description": "d",
        "priority": "low",
        "department": "HR",
        "team": "Network",
        "status": "resolved",
    }
    api.call("PATCH", f"/api/tickets/{number}", edit)
    api.call("PUT", f"/api/tickets/{number}/status", {"status": "closed"})
    path = f"/api/tickets/{number}/comments"
    parent = api.call("POST", path, {"text": "a"}).json["id"]
    api.call("POST", path, {"text": "b", "parent_id": parent, "internal": True})
    api.call("PATCH", f"/api/comments/{parent}", {"text": "c"})
    api.call("DELETE", f"/api/comments/{parent}")
    emitted = rows("select id::text, type, subject, company_id, body from outbox order by seq")
    api.call("DELETE", f"/api/tickets/{number}")
    emitted += rows("select id::text, type, subject, company_id, body from outbox where type = 'ticket.deleted'")
    file = api.stored(b"words", "{'\u00f6';}.txt")
    emitted += rows("select id::text, type, subject, company_id, body from outbox where type = 'file.uploaded'")
    api.call("DELETE", f"/api/files/{file['id']}")
    emitted += rows("select id::text, type, subject, company_id, body from outbox where type = 'file.deleted'")
    api.call("POST", "/api/tickets/bulk", {"tickets": [DRAFT]})
    emitted += rows("select id::text, type, subject, company_id, body from outbox where type = 'job.step.requested'")
    mails = Mails(read())
    mails.send()
    mails.process.close()
    emitted += rows("select id::text, type, subject, company_id, body from outbox where type = 'mail.accepted'")
    contracts = Contracts.load(smartticket_contracts.folder())
    for event_id, kind, subject, company_id, text in emitted:
        body = json.loads(text)
        contracts.validate(kind, body)
        assert (body["event"], body["event_id"], body["company_id"]) == (kind, event_id, company_id)
        names = {"file": "file_id", "job": "job_id", "mail": "mail_id"}
        assert str(body[names.get(kind.partition(".")[0], "ticket_id")]) == subject.removeprefix("mail:")
    assert [kind for _, kind, *_ in emitted].count("ticket.created") == 4
    assert {kind for _, kind, *_ in emitted} == contracts.published_by("ticket-service")


def test_revisions_of_a_ticket_grow_by_one(api: Api, rows: Rows) -> None:
    number = api.create()["id"]
    for status in ("in_progress", "resolved"):
        api.call("PATCH", f"/api/tickets/{number}", {"title": status, "status": status})
    assert rows("select revision from outbox order by seq") == [(1,), (2,), (3,), (4,), (5,)]
