"""Send tickets from a CSV file through the gateway and show where they went."""

import csv
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from launcher.client import BUSY, Gateway, explain
from launcher.dashboard import show_dashboard
from launcher.placing import IN_FLIGHT, make_departments, place_tickets
from launcher.terminal import console

TITLE_LIMIT = 500
DESCRIPTION_LIMIT = 100_000
FIELDS = ("title", "description", "user_name", "user_email", "priority")


@click.command()
@click.option("--timeout", default=60, show_default=True, help="Seconds to wait until every ticket is routed.")
@click.pass_obj
def demo(context: dict[str, Any], timeout: int) -> None:
    """Send fifty varied tickets and show the dashboard."""
    source = resources.files("launcher") / "data" / "demo_tickets.csv"
    with resources.as_file(source) as path:
        send_file(context["gateway"], path, {field: field for field in FIELDS}, None, timeout)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", help="Column with the title; without it the beginning of the description is the title.")
@click.option("--description", required=True, help="Column with the description.")
@click.option("--user-name", help="Column with the requester's name.")
@click.option("--user-email", help="Column with the requester's e-mail address.")
@click.option("--priority", help="Column with low, medium, high or urgent.")
@click.option("--department", help="Column with the department that people chose: each ticket is put there as by you, "
              "and learnt from. Departments that are missing are made.")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), help="Send only the first LIMIT rows.")
@click.option("--timeout", default=300, show_default=True, help="Seconds to wait until every ticket is routed.")
@click.pass_obj
def import_csv(context: dict[str, Any], file: Path, limit: int | None, timeout: int, **columns: str | None) -> None:
    """Send every row of FILE (CSV with a header line) as a ticket; show progress, then the dashboard.

    A row that is refused is reported with its line and the rest goes on; the exit status is then 1.
    """
    send_file(context["gateway"], file, {name: column for name, column in columns.items() if column}, limit, timeout)


def send_file(gateway: Gateway, path: Path, columns: dict[str, str], limit: int | None, timeout: int) -> None:
    """Send the rows, wait until all are routed, show the dashboard, compare the counts."""
    rows = list(read_rows(path, columns, limit))
    if not rows:
        raise click.ClickException(f"{path.name} has no rows")
    before = gateway.get("/api/dashboard/summary")
    screen = console()
    ids: list[int] = []
    refused: list[str] = []
    wanted: dict[int, str] = {}
    chosen = [row.pop("department", "") for _, row in rows]
    make_departments(gateway, [name for name in chosen if name])
    started = time.monotonic()
    with _progress(screen) as progress:
        sending = progress.add_task("sent", total=len(rows))
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            sent = pool.map(lambda row: (row[0], _send(gateway, row[1])), rows)
            for (line, outcome), department in zip(sent, chosen, strict=True):
                if isinstance(outcome, int):
                    ids.append(outcome)
                    if department:
                        wanted[outcome] = department
                else:
                    refused.append(f"line {line}: {outcome}")
                progress.advance(sending)
        routing = progress.add_task("routed", total=len(ids))
        departments = _wait_routed(
            gateway, ids, started + timeout, lambda done: progress.update(routing, completed=done)
        )
        if wanted:
            placing = progress.add_task("placed", total=len(wanted))
            refused += place_tickets(gateway, wanted, lambda: progress.advance(placing))
            departments |= wanted
    seconds = time.monotonic() - started
    screen.print(f"{len(ids)} tickets sent and {len(departments)} routed in {seconds:.1f} s")
    after = _wait_counted(gateway, before["total_tickets"] + len(ids), started + timeout)
    show_dashboard(screen, after)
    faults = refused[:20] + ([f"… and {len(refused) - 20} more"] if len(refused) > 20 else [])
    if len(departments) < len(ids):
        missing = len(ids) - len(departments)
        faults.append(f"{missing} tickets have no department after {timeout} s; see `smart-ticket doctor`")
    if not wanted:
        # A ticket that was moved may be counted a moment later at its new place.
        faults += _disagreements(before, after, Counter(departments.values()))
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    agree = "" if wanted else " and the counts agree"
    screen.print(f"[green]every ticket has a department{agree}[/green]")


def read_rows(path: Path, columns: dict[str, str], limit: int | None) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line number and the ticket of each row; raises click.ClickException on a file that is no such table."""
    csv.field_size_limit(sys.maxsize)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, strict=True)
            missing = sorted(set(columns.values()) - set(table.fieldnames or []))
            if missing:
                raise click.ClickException(
                    f"{path.name} has no column {', '.join(missing)}; it has {', '.join(table.fieldnames or ['none'])}"
                )
            for number, row in enumerate(table):
                if limit is not None and number >= limit:
                    return
                yield table.line_num, _ticket(row, columns)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path.name} is not UTF-8 text: {error}") from error
    except csv.Error as error:
        raise click.ClickException(f"{path.name} is no CSV file: {error}") from error


def _ticket(row: dict[str, Any], columns: dict[str, str]) -> dict[str, str]:
    values = {name: str(row.get(column) or "").strip() for name, column in columns.items()}
    description = values.get("description", "")[:DESCRIPTION_LIMIT]
    ticket = {
        "title": (values.get("title") or description.split("\n", 1)[0][:80])[:TITLE_LIMIT],
        "description": description,
        "user_name": values.get("user_name") or "Import",
        "user_email": values.get("user_email") or "import@example.com",
    }
    if values.get("department"):
        ticket["department"] = values["department"]
    if values.get("priority"):
        ticket["priority"] = values["priority"].lower()
    return ticket


def _send(gateway: Gateway, ticket: dict[str, str]) -> int | str:
    """Send one ticket; return its id, or why it was refused. An answer that was lost is asked for again."""
    headers = {"Prefer": "respond-async", "Idempotency-Key": str(uuid.uuid4())}
    try:
        # 409: the try before this one is still under way.
        response = gateway.send_again("POST", "/api/tickets", busy=(*BUSY, 409), json=ticket, headers=headers)
    except click.ClickException as error:
        return error.message
    return int(response.json()["id"]) if response.status_code < 400 else explain(response)


def _wait_routed(gateway: Gateway, ids: list[int], deadline: float, show: Any) -> dict[int, str]:
    """Poll the tickets until each has a department or the time is up; return the departments known."""
    departments: dict[int, str] = {}
    waiting = list(ids)
    while waiting and time.monotonic() < deadline:
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            tickets = list(pool.map(lambda number: gateway.get_again(f"/api/tickets/{number}"), waiting[:200]))
        departments |= {ticket["id"]: ticket["department"] for ticket in tickets if ticket["department"]}
        waiting = [number for number in waiting if number not in departments]
        show(len(departments))
        if not any(ticket["department"] for ticket in tickets):
            time.sleep(0.1)
    return departments


def _wait_counted(gateway: Gateway, total: int, deadline: float) -> dict[str, Any]:
    """Poll the dashboard until it has counted all tickets as routed or the time is up."""
    while True:
        summary: dict[str, Any] = gateway.get_again("/api/dashboard/summary")
        counted = summary["total_tickets"] >= total and summary["unrouted"] == 0
        if counted or time.monotonic() > deadline:
            return summary
        time.sleep(0.05)


def _disagreements(before: dict[str, Any], after: dict[str, Any], sent: Counter[str]) -> list[str]:
    """Compare what the tickets say with what the dashboard counted; other clients may only add to it."""
    faults = []
    for name, count in sent.items():
        counted = after["by_department"].get(name, 0) - before["by_department"].get(name, 0)
        if counted < count:
            faults.append(f"{name}: {count} tickets say so, the dashboard counted {counted}")
    routed = sum(after["by_department"].values()) + after["unrouted"]
    if not sum(after["by_status"].values()) == routed == after["total_tickets"]:
        faults.append(f"the dashboard's sums differ: {after}")
    return faults


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
