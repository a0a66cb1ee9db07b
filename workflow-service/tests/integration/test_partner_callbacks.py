"""Partners that answer by themselves: signed, once, and about their own requests alone."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
from flask import Flask
from service_kit.database.engine import Database
from workflow_service.domain.callback_signature import sign

from ..conftest import Api, Desk, Rows
from ..external_requests import ASSET, BUDGET, STEPS, Tasks, Worker
from ..partners import fake_partner

KEYS = {"ams": b"the secret of AMS, long enough", "bms": b"the secret of BMS, long enough"}
RESERVED = {"status": "reserved", "reservation_id": "R-1", "asset_id": "A1", "price": 12.50}
REFUSED = {"status": "rejected", "asset_id": "A1"}


@dataclass
class Sender:
    """A partner that calls back."""

    app: Flask
    partner: str = "ams"
    key: bytes = KEYS["ams"]

    def send(self, body: Any, *, sent: int | None = None, **headers: str) -> Any:
        """Send a signed body; `headers` replace those of the signature."""
        content, timestamp = orjson.dumps(body), int(time.time()) if sent is None else sent
        signed = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self.key, "msg_1", timestamp, content),
        }
        changed = signed | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().post(
            f"/webhooks/partners/{self.partner}", data=content, headers=changed, content_type="application/json"
        )

    def answer(self, key: str, answer: dict[str, Any]) -> Any:
        """Answer a request."""
        return self.send({"request": key, "answer": answer})


@pytest.fixture
def sender(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Sender:
    """AMS, with its secret in the settings."""
    kit = app.extensions["service_kit"]
    callbacks = replace(kit.dependencies.callbacks, keys={name: [key] for name, key in KEYS.items()})
    monkeypatch.setattr(kit, "dependencies", replace(kit.dependencies, callbacks=callbacks))
    return Sender(app)


@pytest.fixture
def tasks(api: Api, desk: Desk) -> Tasks:
    """Tasks with a step that asks AMS."""
    return Tasks(api, desk)


def key_of(rows: Rows) -> str:
    """Return the Idempotency-Key of the newest request."""
    ((task, request),) = rows("select task_id, id from external_requests order by id desc limit 1")
    return f"{task}:{request}"


def test_an_approval_ends_the_waiting_without_another_call(
    tasks: Tasks, sender: Sender, rows: Rows, published: Callable[[str], list[dict[str, Any]]]
) -> None:
    task = tasks.asked(1)
    answer = sender.answer(key_of(rows), RESERVED)
    assert (answer.status_code, answer.json) == (200, {"request": key_of(rows), "state": "approved"})
    shown = tasks.api.get(task)
    assert shown["pending_external_approval"] is False
    external = shown["external"]
    assert (external["state"], external["decided_by"], external["next_try_at"]) == ("approved", "partner", None)
    assert external["answer"] == RESERVED | {"price": "12.5"}, "numbers with a fraction are texts"
    assert shown["history"][0]["actor"] == "ams"
    (event,) = published("task.external.decided")
    assert (event["state"], event["reference"]) == ("approved", "R-1")
    assert tasks.go(task, "Deliver").status_code == 200


def test_the_decision_is_recorded_in_the_audit(tasks: Tasks, sender: Sender, rows: Rows) -> None:
    tasks.asked(1)
    before = rows("select max(id) from audit")[0][0]
    sender.answer(key_of(rows), RESERVED)
    query = "select actor_kind, actor, action, changes::text from audit where id > %s and record <> 'task'"
    found = rows(query, str(before))
    assert [row[:3] for row in found] == [("service", "ams", "external_request.updated")]
    assert "approved" in found[0][3]
    assert "R-1" not in found[0][3]


def test_a_refusal_counts_too_and_bms_answers_about_budgets(api: Api, desk: Desk, sender: Sender, rows: Rows) -> None:
    steps = [step | ({"external": "budget"} if step["name"] == "Reserve" else {}) for step in STEPS]
    tasks = Tasks(api, desk, {"steps": steps})
    task = tasks.new(1)
    tasks.go(task, "Reserve")
    assert tasks.ann.call("POST", f"{task}/external", BUDGET).status_code == 202
    bms = Sender(sender.app, "bms", KEYS["bms"])
    answer = bms.answer(key_of(rows), {"approved": False, "reason": "over the limit"})
    assert answer.json["state"] == "refused"
    assert tasks.external(task)["reason"] == "over the limit"


def test_a_callback_that_comes_twice_has_one_effect(tasks: Tasks, sender: Sender, rows: Rows) -> None:
    tasks.asked(1)
    key = key_of(rows)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: sender.answer(key, RESERVED), range(8)))
    assert {(answer.status_code, answer.json["state"]) for answer in answers} == {(200, "approved")}
    assert sender.answer(key, REFUSED).json["state"] == "approved"
    assert rows("select count(*) from task_events where action = 'asset approved'") == [(1,)]
    assert rows("select count(*) from outbox where type = 'task.external.decided'") == [(1,)]


def test_a_callback_meets_a_try_that_hangs(tasks: Tasks, sender: Sender, rows: Rows, database: Database) -> None:
    task = tasks.asked(1)
    with fake_partner() as ams:
        ams.mode = "hang"
        asker = Worker(database, ams.url).asker()
        assert asker.ask_due() == 1
        assert sender.answer(key_of(rows), RESERVED).json["state"] == "approved"
        ams.released.set()
        asker.join(60)
    assert tasks.external(task)["state"] == "approved"
    assert Worker(database, "http://127.0.0.1:1").ask_once() == 0, "nobody is asked any more"


def test_what_is_still_pending_changes_nothing(tasks: Tasks, sender: Sender, rows: Rows) -> None:
    task = tasks.asked(1)
    assert sender.answer(key_of(rows), {"status": "pending"}).json["state"] == "waiting"
    assert tasks.external(task)["state"] == "waiting"


def test_an_answer_after_a_persons_decision_is_kept_beside_it(tasks: Tasks, sender: Sender, rows: Rows) -> None:
    task = tasks.asked(1)
    tasks.max.call("POST", f"{task}/external/decide", {"approved": False, "reason": "no"})
    assert sender.answer(key_of(rows), RESERVED).json["state"] == "refused"
    assert tasks.external(task)["answer"]["reservation_id"] == "R-1"
    assert tasks.api.get(task)["history"][0]["action"] == "asset answered late"


@pytest.mark.parametrize(
    "headers", [{"webhook_signature": "v1,AAAA"}, {"webhook_id": "msg_2"}, {"webhook_timestamp": ""}]
)
def test_what_the_partner_has_not_signed_is_refused(
    headers: dict[str, str], tasks: Tasks, sender: Sender, rows: Rows
) -> None:
    task = tasks.asked(1)
    answer = sender.send({"request": key_of(rows), "answer": RESERVED}, **headers)
    assert (answer.status_code, answer.json["code"]) == (401, "bad_signature")
    assert tasks.external(task)["state"] == "waiting"


def test_an_old_callback_and_one_by_the_other_partners_secret_are_refused(
    tasks: Tasks, sender: Sender, rows: Rows
) -> None:
    tasks.asked(1)
    body = {"request": key_of(rows), "answer": RESERVED}
    assert sender.send(body, sent=int(time.time()) - 400).status_code == 401
    assert replace(sender, key=KEYS["bms"]).send(body).status_code == 401


def test_the_signature_is_checked_before_anything_is_read(sender: Sender) -> None:
    assert sender.send(["no object"], webhook_signature="v1,AAAA").status_code == 401
    assert sender.send(["no object"]).status_code == 400


def test_bad_answers_name_the_field(tasks: Tasks, sender: Sender, rows: Rows) -> None:
    tasks.asked(1)
    for answer in ({}, {"status": "reserved"}, RESERVED | {"asset_id": "A9"}, {"status": "wonderful"}):
        refused = sender.answer(key_of(rows), answer)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "answer")
    for key in ("", "1", "0:1", "1:1:1", "1:99999999999999999999"):
        refused = sender.answer(key, RESERVED)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "request")


def test_an_unknown_status_is_named_whatever_is_missing_beside_it(tasks: Tasks, sender: Sender, rows: Rows) -> None:
    task = tasks.new(1)
    tasks.go(task, "Reserve")
    assert tasks.ann.call("POST", f"{task}/external", ASSET).status_code == 202
    refused = sender.answer(key_of(rows), {"status": "maybe"})
    assert refused.status_code == 400
    assert refused.json["errors"] == [{"field": "answer", "message": "AMS answered with the unknown status 'maybe'"}]


def test_unknown_requests_those_of_the_other_partner_and_those_without_data_are_not_found(
    tasks: Tasks, sender: Sender, rows: Rows
) -> None:
    task = tasks.new(1)
    tasks.go(task, "Reserve")
    without_data = key_of(rows)
    assert sender.answer(without_data, RESERVED).status_code == 404
    asked = key_of(rows) if tasks.ann.call("POST", f"{task}/external", ASSET).status_code == 202 else ""
    number = asked.partition(":")[2]
    assert sender.answer(f"999:{number}", RESERVED).status_code == 404
    unknown = sender.answer("1:999", RESERVED)
    assert (unknown.status_code, unknown.json["detail"]) == (404, "The partner was asked no such request.")
    bms = Sender(sender.app, "bms", KEYS["bms"])
    assert bms.answer(asked, {"approved": True, "approval_id": "P"}).status_code == 404


def test_without_a_secret_there_is_no_such_address(app: Flask, database: Database) -> None:
    assert database is not None
    for partner in ("ams", "bms", "cms"):
        answer = Sender(app, partner).answer("1:1", RESERVED)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
