"""How many statements a batch sends: as many for five hundred tasks as for five."""

from datetime import UTC, datetime
from typing import Any

import pytest
from eventbus.wire import rfc3339
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from workflow_service.usecases.scan_due import scan_due

from ..clock_events import ROUTED, TARGETS
from ..conftest import Api, Desk, Rows
from ..due_tasks import add_due_tasks

SCAN, COMPANY = 22, 5
"""The statements of a scan, and those that each further company adds to it: people of its teams and by their roles."""
MOVE, FACTS, BEGIN = 13, 12, 20


@pytest.mark.parametrize("number", [5, 500])
def test_a_scan_of_any_size(
    number: int, api: Api, desk: Desk, rows: Rows, made: ServiceDatabase, database: Database, counting: Any
) -> None:
    desk.team(1, "ann", leads=("lea",), department=None)
    add_due_tasks(made, api.deployed()["id"], number)
    with counting() as sent:
        scan_due(database)
    assert rows("select count(*) from escalations") == rows("select count(*) from breaches") == [(number,)]
    assert len(sent) <= SCAN, "\n".join(sent)


def test_each_company_of_a_scan_adds_the_statements_of_its_people_alone(
    api: Api, rows: Rows, made: ServiceDatabase, database: Database, counting: Any
) -> None:
    companies = 6
    for company in range(1, companies + 1):
        add_due_tasks(made, Api(api.client, company=company).deployed()["id"], 9, company=company)
    with counting() as sent:
        scan_due(database)
    assert rows("select count(*) from breaches") == [(9 * companies,)]
    assert len(sent) <= SCAN + COMPANY * (companies - 1), "\n".join(sent)


@pytest.mark.parametrize("number", [5, 200])
def test_facts_of_any_number_of_tickets(number: int, api: Api, desk: Desk, rows: Rows, counting: Any) -> None:
    api.deployed(**TARGETS)
    desk.deliver(*(desk.routed(ticket, **ROUTED) for ticket in range(1, number + 1)))
    at = rfc3339(datetime.now(UTC))
    with counting() as sent:
        desk.deliver(
            *(
                desk.make("ticket.updated", str(ticket), source="ticket-service", ticket_id=ticket, priority="urgent",
                          priority_given=True, updated_at=at)
                for ticket in range(1, number + 1)
            )
        )  # fmt: skip
    assert rows("select count(*) from tasks where priority = 'urgent'") == [(number,)]
    assert len(sent) <= FACTS, "\n".join(sent)


@pytest.mark.parametrize("number", [5, 200])
def test_the_begin_of_any_number_of_tasks(number: int, api: Api, desk: Desk, rows: Rows, counting: Any) -> None:
    desk.team(1, "ann", leads=("lea",))
    api.deployed(**TARGETS)
    desk.route(1, **ROUTED)
    with counting() as sent:
        desk.deliver(*(desk.routed(ticket, **ROUTED) for ticket in range(2, number + 2)))
    assert rows("select count(*) from tasks") == [(number + 1,)]
    assert len(sent) <= BEGIN, "\n".join(sent)


def test_the_row_of_a_new_task_is_written_once(api: Api, desk: Desk, rows: Rows) -> None:
    api.deployed(**TARGETS)
    desk.route(7, **ROUTED)
    # An update after the clocks were stored would leave a version of the row with a later command of the transaction.
    earlier = "t.xmin = c.xmin and t.cmin::text::int < c.cmin::text::int"
    query = f"select {earlier}, t.clocks <> '[]' from tasks t join clocks c on c.task_id = t.id"
    assert set(rows(query)) == {(True, True)}


def test_a_move_of_a_task(api: Api, desk: Desk, counting: Any) -> None:
    desk.team(1, "ann", leads=("lea",))
    api.deployed(**TARGETS)
    desk.route(7, **ROUTED)
    with counting() as sent:
        assert api.call("POST", "/api/tickets/7/advance-status").status_code == 200
    assert len(sent) <= MOVE, "\n".join(sent)
