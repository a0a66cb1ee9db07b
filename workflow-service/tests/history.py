"""Makes stored tasks older, as if everything had happened earlier, and lets the scan declare what follows."""

from datetime import UTC, datetime

from eventbus.wire import rfc3339
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from workflow_service.store import tasks
from workflow_service.usecases.refresh_clocks import refresh_clocks
from workflow_service.usecases.scan_due import scan_due

from .conftest import Desk, Rows

TIMES = {
    "tasks": ("created_at", "completed_at", "assigned_at", "updated_at"),
    "task_events": ("at",),
    "ticket_facts": ("at",),
    "tickets": ("unmatched_since",),
}


def status_now(desk: Desk, ticket: int, name: str, *, revision: int = 2) -> None:
    """Deliver a ticket's new status, at the present time."""
    body = {"ticket_id": ticket, "status": name, "updated_at": rfc3339(datetime.now(UTC))}
    desk.deliver(desk.make("ticket.status.updated", str(ticket), revision=revision, source="ticket-service", **body))


def age(rows: Rows, hours: float) -> None:
    """Let everything that is stored have happened some hours earlier."""
    for table, columns in TIMES.items():
        changes = ", ".join(f"{column} = {column} - make_interval(secs => {hours * 3600})" for column in columns)
        rows(f"with changed as (update {table} set {changes} returning 1) select count(*) from changed")


def declare(database: Database, rows: Rows) -> None:
    """Compute all clocks anew and declare the breaches that are over by now."""
    keys = rows("select company_id, ticket_id from tasks order by 1, 2")
    for company in sorted({company for company, _ in keys}):
        with database.session(company) as session, session.begin():
            own = [(company_id, ticket_id) for company_id, ticket_id in keys if company_id == company]
            found = list(tasks.of_tickets(session, own).values())
            refresh_clocks(session, found, datetime.now(UTC), Cause(request_id="aged"))
    while scan_due(database):
        pass
