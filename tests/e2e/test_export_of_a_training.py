"""What people decided comes out of the gateway as a workbook, and goes with a ticket in it."""

import io
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.stack import Stack, eventually

from .company_in_use import Company, found


def trained(company: Company) -> Any:
    """Ask for a training and return it when it has ended."""
    asked = company.send("POST", "/api/training")
    assert asked.status_code == 202, asked.text
    return eventually(lambda: company.call("GET", asked.headers["Location"]), lambda run: run["ended_at"] is not None)


def test_what_people_decided_is_exported_and_a_deleted_ticket_is_not(polling: Stack) -> None:
    company = found(polling, "Exports")
    folder = Path(polling.of["ai-service"]["TRAINING_DATA_DIR"])
    tickets = [company.create(f"=1+{number}", "It hums.")["id"] for number in range(2)]
    for ticket in tickets:
        address = f"/api/tickets/{ticket}"
        eventually(lambda address=address: company.call("GET", address)["department"])
        company.call("PATCH", address, 200, json={"priority": "urgent"})
        company.call("PUT", f"/api/route/{ticket}", 200, json={"department": "HR"})

    def exported(run: Any) -> Any:
        return company.send("GET", f"/api/training/{run['id']}/export")

    # What people did is on its way; each training exports what has come.
    eventually(
        lambda: company.call("GET", "/api/priority-rules/report")["items"][0],
        lambda low: (low["tickets"], low["changed"]["urgent"]) == (2, 2),
    )
    run = eventually(lambda: trained(company), lambda run: run["report"]["export"].get("tickets") == 2)
    answer = exported(run)
    assert answer.headers["Content-Disposition"] == "attachment; filename=tickets_training.xlsx"
    rows = list(load_workbook(io.BytesIO(answer.content))["Sheet1"].values)
    assert [row[:4] for row in rows[1:]] == [
        (f"=1+{number}\nIt hums.", "HR", ticket, "urgent") for number, ticket in enumerate(tickets)
    ]
    assert [path.name for path in files_of(folder, company)] == ["tickets_training.xlsx"]

    company.call("DELETE", f"/api/tickets/{tickets[0]}", 204)
    eventually(lambda: exported(run), lambda answer: answer.status_code == 404)
    assert files_of(folder, company) == []
    again = load_workbook(io.BytesIO(exported(trained(company)).content))["Sheet1"].values
    assert [row[2] for row in again] == ["ticket_id", tickets[1]]


def files_of(folder: Path, company: Company) -> list[Path]:
    """Return a company's files in the folder of the exports."""
    return [path for path in folder.rglob("*") if path.is_file() and f"company-{company.id}" in path.parts]
