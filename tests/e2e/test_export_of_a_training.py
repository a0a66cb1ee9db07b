"""What people decided comes out of the gateway as a workbook, and goes with a ticket in it."""

import io
from pathlib import Path
from typing import Any

import requests
from openpyxl import load_workbook

from tests.stack import Stack, eventually


def trained(stack: Stack) -> Any:
    """Ask for a training and return it when it has ended."""
    asked = requests.post(f"{stack.url}/api/training", timeout=60)
    assert asked.status_code == 202, asked.text
    return eventually(lambda: stack.get(asked.headers["Location"]), lambda run: run["ended_at"] is not None)


def test_what_people_decided_is_exported_and_a_deleted_ticket_is_not(tmp_path: Path) -> None:
    with Stack(of={"ai-service": {"TRAINING_DATA_DIR": str(tmp_path)}}) as stack:
        tickets = [stack.create(title=f"=1+{number}", description="It hums.").json()["id"] for number in range(2)]
        for ticket in tickets:
            eventually(lambda ticket=ticket: stack.get(f"/api/tickets/{ticket}")["department"])
            address = f"{stack.url}/api/tickets/{ticket}"
            assert requests.patch(address, json={"priority": "urgent"}, timeout=60).status_code == 200
            order = {"department": "HR"}
            assert requests.put(f"{stack.url}/api/route/{ticket}", json=order, timeout=60).status_code == 200

        def exported(run: Any) -> Any:
            return requests.get(f"{stack.url}/api/training/{run['id']}/export", timeout=60)

        # What people did is on its way; each training exports what has come.
        eventually(
            lambda: stack.get("/api/priority-rules/report")["items"][0],
            lambda low: (low["tickets"], low["changed"]["urgent"]) == (2, 2),
        )
        run = eventually(lambda: trained(stack), lambda run: run["report"]["export"].get("tickets") == 2)
        answer = exported(run)
        assert answer.headers["Content-Disposition"] == "attachment; filename=tickets_training.xlsx"
        rows = list(load_workbook(io.BytesIO(answer.content))["Sheet1"].values)
        assert [row[:4] for row in rows[1:]] == [
            (f"=1+{number}\nIt hums.", "HR", ticket, "urgent") for number, ticket in enumerate(tickets)
        ]

        assert requests.delete(f"{stack.url}/api/tickets/{tickets[0]}", timeout=60).status_code == 204
        eventually(lambda: exported(run), lambda answer: answer.status_code == 404)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        again = load_workbook(io.BytesIO(exported(trained(stack)).content))["Sheet1"].values
        assert [row[2] for row in again] == ["ticket_id", tickets[1]]
