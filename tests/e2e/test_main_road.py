"""A ticket goes from the gateway to the dashboard."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from tests.stack import Stack, eventually


def test_a_ticket_gets_its_department_while_the_client_waits(stack: Stack) -> None:
    response = requests.post(
        stack.url + "/api/tickets",
        json={
            "title": "VPN and password",
            "description": "vpn asks for my password",
            "user_name": "John Doe",
            "user_email": "john.doe@company.example",
        },
        headers={"Prefer": "wait=10"},
        timeout=60,
    )
    assert response.status_code == 201, response.text
    ticket = response.json()
    assert ticket["department"] == "IT Support"
    assert ticket["confidence_score"] == 70
    assert ticket["status"] == "pending"
    assert ticket["created_at"].endswith("Z")


def test_every_ticket_is_routed_and_counted_once(stack: Stack) -> None:
    before = settled(stack)
    with ThreadPoolExecutor(8) as pool:
        ids = [answer.json()["id"] for answer in pool.map(stack.create, range(60))]
    assert len(set(ids)) == 60
    after = eventually(
        lambda: stack.get("/api/dashboard/summary"),
        lambda now: now["total_tickets"] == before["total_tickets"] + 60 and now["unrouted"] == 0,
    )
    assert sum(after["by_status"].values()) == after["total_tickets"]
    assert sum(after["by_department"].values()) == after["total_tickets"]
    assert after["by_department"]["IT Support"] == before["by_department"]["IT Support"] + 60
    # The dashboard may know of a routing before the ticket does.
    eventually(lambda: {stack.get(f"/api/tickets/{number}")["department"] for number in ids}, {"IT Support"}.__eq__)
    assert all(stack.get(f"/api/routing/history/{number}")["count"] == 1 for number in ids[:5])


def settled(stack: Stack) -> dict[str, Any]:
    """Wait until the dashboard tells of all that other tests did, and return it."""

    def told(now: dict[str, Any]) -> bool:
        tickets = tickets_in_the_list(stack)
        return (
            now["total_tickets"] == len(tickets)
            and Counter(now["by_department"]) == Counter(each["department"] for each in tickets)
            and Counter(now["by_status"]) == Counter(each["status"] for each in tickets)
        )

    return eventually(lambda: stack.get("/api/dashboard/summary"), told)


def tickets_in_the_list(stack: Stack) -> list[Any]:
    """Read all tickets page by page."""
    tickets, cursor = [], None
    while True:
        page = stack.get("/api/tickets", limit=100, **({"cursor": cursor} if cursor else {}))
        tickets += page["tickets"]
        if (cursor := page["next"]) is None:
            return tickets


def test_a_status_change_reaches_the_dashboard(stack: Stack) -> None:
    before = settled(stack)["by_status"]["resolved"]
    ticket = stack.create().json()
    changed = requests.put(f"{stack.url}/api/tickets/{ticket['id']}/status", json={"status": "resolved"}, timeout=60)
    assert changed.status_code == 200, changed.text
    assert changed.json()["status"] == "resolved"
    eventually(lambda: stack.get("/api/dashboard/summary")["by_status"]["resolved"], lambda now: now == before + 1)


def test_a_person_reroutes_and_the_person_outlasts_the_machine(stack: Stack) -> None:
    ticket = stack.create().json()
    rerouted = requests.put(f"{stack.url}/api/route/{ticket['id']}", json={"department": "HR"}, timeout=60)
    assert rerouted.status_code == 200, rerouted.text
    assert (rerouted.json()["confidence_score"], rerouted.json()["rerouted"]) == (100, True)
    # The machine's routing may arrive before the person's or after it.
    eventually(lambda: stack.get(f"/api/routing/history/{ticket['id']}")["count"], lambda count: count == 2)
    eventually(lambda: stack.get(f"/api/tickets/{ticket['id']}"), lambda now: now["department"] == "HR")
    statistics = stack.get("/api/routing/statistics")
    assert abs(sum(statistics["department_percentages"].values()) - 100) < 1e-6


def test_a_routing_request_in_an_edit_is_applied(stack: Stack) -> None:
    ticket = stack.create().json()
    edited = requests.patch(f"{stack.url}/api/tickets/{ticket['id']}", json={"department": "Finance"}, timeout=60)
    assert edited.status_code == 200, edited.text
    eventually(lambda: stack.get(f"/api/tickets/{ticket['id']}"), lambda now: now["department"] == "Finance")


def test_the_clients_request_id_is_on_every_event_of_the_trail(stack: Stack) -> None:
    request_id = f"trail-{uuid.uuid4()}"
    answer = requests.post(
        stack.url + "/api/tickets",
        json={"title": "Payslip", "description": "salary", "user_name": "A", "user_email": "a@company.example"},
        headers={"X-Request-ID": request_id},
        timeout=60,
    )
    assert answer.headers["X-Request-ID"] == request_id
    trail = eventually(
        lambda: stack.get(f"/api/tickets/{answer.json()['id']}/events"), lambda trail: trail["count"] >= 2
    )
    # Steps may have been proposed too, where another test left a document.
    assert {item["event_type"] for item in trail["items"]} >= {"created", "routed"}
    assert {item["request_id"] for item in trail["items"]} == {request_id}


def test_a_deleted_ticket_is_gone_everywhere(stack: Stack) -> None:
    def counted() -> tuple[int, int]:
        summary = stack.get("/api/dashboard/summary")
        return summary["total_tickets"], summary["unrouted"]

    before = settled(stack)["total_tickets"]
    ticket = stack.create().json()
    eventually(counted, lambda now: now == (before + 1, 0))
    assert requests.delete(f"{stack.url}/api/tickets/{ticket['id']}", timeout=60).status_code in (200, 204)
    assert requests.get(f"{stack.url}/api/tickets/{ticket['id']}", timeout=60).status_code == 404
    eventually(counted, lambda now: now == (before, 0))
    eventually(
        lambda: requests.get(f"{stack.url}/api/routing/history/{ticket['id']}", timeout=60).status_code,
        lambda status: status == 404,
    )


def test_the_uuid_dialect_tells_the_run_and_its_result(stack: Stack) -> None:
    body = {"subject": "Invoice", "body": "The invoice was paid twice", "customer_id": f"c-{uuid.uuid4()}"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: requests.post(stack.url + "/tickets", json=body, timeout=60), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    (ticket_id,) = {answer.json()["ticket_id"] for answer in answers}
    run = eventually(lambda: stack.get(f"/tickets/{ticket_id}"), lambda run: run["status"] == "completed")
    assert run["result"]["department"] == "Finance"
    created = [e for e in stack.get(f"/tickets/{ticket_id}/events")["items"] if e["event_type"] == "created"]
    assert len(created) == 1


def test_a_trace_shows_every_hop_with_its_time_in_the_queue(stack: Stack) -> None:
    ticket = stack.create().json()

    def hops() -> set[str]:
        return {f"{hop['service']} {hop['step']}" for hop in stack.get(f"/api/tickets/{ticket['id']}/trace")["hops"]}

    seen = eventually(hops, lambda found: len(found) >= 8)
    assert any(step.startswith("ai-service consumed") for step in seen)
    way = stack.get(f"/api/tickets/{ticket['id']}/trace")
    consumed = [hop for hop in way["hops"] if "consumed" in hop["step"]]
    assert all(hop["queue_ms"] is not None and hop["queue_ms"] >= 0 for hop in consumed)
    assert [hop["at"] for hop in way["hops"]] == sorted(hop["at"] for hop in way["hops"])
