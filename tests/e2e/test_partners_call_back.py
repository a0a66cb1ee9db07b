"""AMS and BMS decide later, by a signed callback through the gateway."""

from typing import Any
from uuid import uuid4

import pytest

from tests.stack import Stack, eventually

from .company_in_use import Company, found
from .partner_stubs import Partners

ASSET = {"kind": "asset", "asset_id": "LAPTOP-042", "duration_days": 90, "notes": "For the new colleague."}
BUDGET = {"kind": "budget", "amount": "1200.00", "currency": "EUR", "category": "Hardware", "justification": "Laptop"}
RESERVED = {"status": "reserved", "reservation_id": "R-1", "asset_id": "LAPTOP-042"}
GRANTED = {"approved": True, "approval_id": "P-1"}


def at_reserve(company: Company, kind: str) -> str:
    """Return the address of a new ticket's task, at a step that asks a partner."""
    steps = [
        {"name": name, "role": "agent", "order": number} for number, name in enumerate(("Ask", "Reserve", "Done"), 1)
    ]
    steps[1]["external"] = kind
    targets = {"urgent_sla": "PT2H", "high_sla": "PT8H", "medium_sla": "PT24H", "low_sla": "PT40H"}
    body = {"name": "Laptops", "category": "IT Support", "department": "IT Support", "steps": steps, **targets}
    workflow = company.call("POST", "/api/workflows", json=body)
    company.call("POST", f"/api/workflows/{workflow['id']}/deploy")
    ticket = company.create("Cannot access email", "Outlook asks for my password again.")
    task = eventually(lambda: company.call("GET", f"/api/tickets/{ticket['id']}")["task"])
    company.call("POST", f"/api/tasks/{task['task_id']}/transition", json={"to": "Reserve", "notes": "on"})
    return f"/api/tasks/{task['task_id']}"


@pytest.mark.parametrize(
    ("partner", "path", "data", "answer"), [("ams", "assets", ASSET, RESERVED), ("bms", "budget", BUDGET, GRANTED)]
)
def test_a_waiting_task_is_approved_once_by_a_signed_callback_alone(
    stack: Stack, partners: Partners, partner: str, path: str, data: dict[str, Any], answer: dict[str, Any]
) -> None:
    company = found(stack, f"{partner}-{uuid4().hex[:8]}")
    task = at_reserve(company, data["kind"])
    company.call("POST", f"{task}/external", 202, json=data)
    key = eventually(lambda: partners.asked[path])[-1][0]
    assert company.call("GET", task)["pending_external_approval"] is True
    assert company.send("POST", f"{task}/transition", json={"to": "Done", "notes": "on"}).status_code == 409

    refused = partners.call_back(stack.url, partner, key, answer, key=b"another key, as long as it")
    assert (refused.status_code, refused.json()["code"]) == (401, "bad_signature")
    assert company.call("GET", task)["pending_external_approval"] is True

    for _ in range(2):
        taken = partners.call_back(stack.url, partner, key, answer)
        assert (taken.status_code, taken.json()) == (200, {"request": key, "state": "approved"})
    shown = company.call("GET", task)
    assert (shown["pending_external_approval"], shown["external"]["decided_by"]) == (False, "partner")
    assert [each["action"] for each in shown["history"]].count(f"{data['kind']} approved") == 1
    company.call("POST", f"{task}/transition", json={"to": "Done", "notes": "on"})
