"""Lists by assignee and by due date."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy.dialects import postgresql
from ticket_service.domain.enums import Status
from ticket_service.store import listing
from ticket_service.store.listing import Filters
from ticket_service.store.sorting import EARLIEST_DUE_FIRST

from ..conftest import Api
from .test_consume import Inside
from .test_list import fill, walk
from .test_tasks import assign

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LEA, OMAR = "lea@example.com", "omar@example.com"


@pytest.fixture
def inside(made: ServiceDatabase) -> Inside:
    return Inside(made)


def due_of(ticket: dict[str, Any]) -> str | None:
    return ticket["task"] and ticket["task"]["due"]  # type: ignore[no-any-return]


def text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def with_tasks(api: Api, inside: Inside, seed: int = 7) -> list[dict[str, Any]]:
    """Create tickets: several that are due at the same time, some that have no due date, some that have no task."""
    random = Random(seed)
    for number in range(23):
        ticket = api.create(title=f"Ticket {number}")["id"]
        if number % 6 == 5:
            continue
        due = (
            None
            if number % 5 == 4
            else text(NOON + timedelta(seconds=random.randrange(-4, 4), microseconds=number % 2))
        )
        assign(inside, ticket, 1, assignee=random.choice([LEA, OMAR, None]), due=due)
    return walk(api, "/api/tickets?limit=100")


def expected(tickets: list[dict[str, Any]]) -> list[int]:
    return [t["id"] for t in sorted(tickets, key=lambda t: (due_of(t) or "~", t["id"]))]


@pytest.mark.parametrize("limit", [1, 4, 100])
def test_by_due_the_earliest_come_first_those_without_a_due_date_last_and_pages_miss_nothing(
    api: Api, inside: Inside, limit: int
) -> None:
    tickets = with_tasks(api, inside)
    found = walk(api, f"/api/tickets?sort=due&limit={limit}")
    assert [ticket["id"] for ticket in found] == expected(tickets)
    assert due_of(found[0]) is not None
    assert due_of(found[-1]) is None


def test_a_new_due_date_moves_a_ticket_in_the_list(api: Api, inside: Inside) -> None:
    first, second, third = (api.create()["id"] for _ in range(3))
    for number, minutes in ((first, 1), (second, 2), (third, 3)):
        assign(inside, number, 1, due=text(NOON + timedelta(minutes=minutes)))
    assign(inside, third, 2, due=text(NOON - timedelta(days=1)))
    assign(inside, first, 2, due=None)
    assign(inside, first, 1, due=text(NOON - timedelta(days=9)))  # arrives late
    assert [ticket["id"] for ticket in walk(api, "/api/tickets?sort=due&limit=2")] == [third, second, first]


def test_tickets_of_several_assignees_whatever_the_case_of_the_address(api: Api, inside: Inside) -> None:
    tickets = with_tasks(api, inside)
    for query, wanted in (
        (f"assignee={LEA}", {LEA}),
        ("assignee=LEA@Example.com", {LEA}),
        (f"assignee={LEA}&assignee={OMAR}", {LEA, OMAR}),
        ("assignee=lea", set()),
    ):
        of_them = [ticket for ticket in tickets if ticket["assignee"] in wanted]
        assert walk(api, f"/api/tickets?{query}&limit=3") == of_them, query
        assert [t["id"] for t in walk(api, f"/api/tickets?{query}&sort=due&limit=3")] == expected(of_them), query


def test_the_list_by_due_keeps_all_other_filters(api: Api, inside: Inside) -> None:
    tickets = with_tasks(api, inside)
    closed = [ticket["id"] for ticket in tickets[::3]]
    for number in closed:
        assert api.call("PUT", f"/api/tickets/{number}/status", {"status": "closed"}).status_code == 200
    left = [ticket for ticket in tickets if ticket["id"] not in closed]
    found = walk(api, "/api/tickets?sort=due&status=pending&status=on_hold&limit=4")
    assert [ticket["id"] for ticket in found] == expected(left)


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_the_ticket_that_a_search_names_comes_first_by_due_too(api: Api, inside: Inside, limit: int) -> None:
    tickets = with_tasks(api, inside)
    named = expected(tickets)[-1]
    number = walk(api, f"/api/tickets?q={named}&limit=50")
    found = [ticket["id"] for ticket in walk(api, f"/api/tickets?q={named}&sort=due&limit={limit}")]
    assert found[0] == named
    assert sorted(found) == sorted(ticket["id"] for ticket in number)
    assert found[1:] == [each for each in expected(number) if each != named]


def test_another_company_sees_none_of_it(api: Api, inside: Inside) -> None:
    with_tasks(api, inside)
    other = Api(api.client, company=2)
    assert walk(other, "/api/tickets?sort=due") == walk(other, f"/api/tickets?assignee={LEA}") == []


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(), "tickets_by_due"),
        (Filters(status=(Status.PENDING, Status.IN_PROGRESS)), "tickets_open_by_due"),
    ],
    ids=["all", "open"],
)
def test_a_page_by_due_is_read_from_one_index_without_sorting(
    api: Api, made: ServiceDatabase, filters: Filters, index: str
) -> None:
    fill(made, 4000)
    with made.admin() as connection, connection.cursor() as cursor:
        # Few tickets are open, and all of them are due after the others.
        cursor.execute("update tickets set status = case when id % 40 = 0 then 'pending' else 'closed' end")
        cursor.execute(
            "update tickets set due = timestamptz '2026-11-30 12:00Z' + id * interval '1 minute'"
            " + case status when 'pending' then interval '1 year' else interval '0' end"
        )
        cursor.execute("vacuum analyze tickets")
    query = listing.query(1, filters, sort=EARLIEST_DUE_FIRST, after=(NOON, 5), limit=26)
    statement = str(query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    with made.database.session(1) as session:
        plan = "\n".join(session.connection().exec_driver_sql(f"explain {statement}").scalars())
    assert f"Index Scan using {index} on tickets" in plan, plan
    assert "Sort" not in plan
    assert "ROW(due, id) > ROW(" in plan.split("Index Cond:")[1].split("Filter:")[0], plan
