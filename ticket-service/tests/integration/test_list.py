"""Listing and searching."""

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy.dialects import postgresql
from ticket_service.store import listing

from ..conftest import Api

FILL = """
    insert into tickets (company_id, uuid, title, description, status, department, priority)
    select company, gen_random_uuid(), 'Ticket ' || n, 'It is number ' || n,
           (array['pending', 'in_progress', 'on_hold', 'resolved', 'closed'])[1 + n %% 5],
           (array['IT Support', 'HR', 'Facilities', 'Finance', 'General'])[1 + (n / 5) %% 5],
           (array['low', 'medium', 'high', 'urgent'])[1 + n %% 4]
    from generate_series(1, %s) as n, (values (1), (2)) as companies (company)
"""


def fill(made: ServiceDatabase, count: int) -> None:
    """Store `count` tickets of every kind in each of two companies."""
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(FILL, (count,))
        cursor.execute("analyze tickets")


def walk(api: Api, path: str) -> list[dict[str, Any]]:
    """Return all tickets of a list by following its links."""
    found = []
    while path:
        response = api.call("GET", path)
        assert response.status_code == 200, response.text
        assert response.json["count"] == len(response.json["tickets"])
        found += response.json["tickets"]
        link = response.headers.get("Link", "")
        assert bool(link) == (response.json["next"] is not None)
        path = link.partition(">")[0].lstrip("<")
    return found


def test_pages_are_newest_first_and_miss_nothing(api: Api, made: ServiceDatabase) -> None:
    fill(made, 60)
    assert api.get("/api/tickets")["count"] == 25
    found = [ticket["id"] for ticket in walk(api, "/api/tickets?limit=7")]
    assert len(found) == 60
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 60


def test_a_ticket_that_comes_meanwhile_shifts_no_page(api: Api, made: ServiceDatabase) -> None:
    fill(made, 20)
    first = api.get("/api/tickets?limit=10")
    api.create()
    second = api.get(f"/api/tickets?limit=10&cursor={first['next']}")
    assert {t["id"] for t in first["tickets"]}.isdisjoint(t["id"] for t in second["tickets"])
    assert second["next"] is None


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": "on_hold"},
        {"department": "IT Support"},
        {"priority": "urgent"},
        {"status": "closed", "department": "HR"},
        {"status": "closed", "department": "HR", "priority": "low"},
    ],
)
def test_filters_return_exactly_the_matching_tickets(api: Api, made: ServiceDatabase, wanted: dict[str, str]) -> None:
    fill(made, 200)
    query = "&".join(f"{name}={quote(value)}" for name, value in wanted.items())
    found = {ticket["id"] for ticket in walk(api, f"/api/tickets?limit=100&{query}")}
    every = walk(api, "/api/tickets?limit=100")
    assert found == {ticket["id"] for ticket in every if wanted.items() <= ticket.items()}
    assert found


REQUESTER = {"user_name": "Jürgen Groß", "user_email": "Juergen.Gross@Example.ORG"}


def test_a_list_of_one_requester_holds_tickets_of_both_endpoints(api: Api) -> None:
    """A person has an e-mail address under /api/tickets and a customer's id under /tickets."""
    mailed = api.create(**REQUESTER)["id"]
    api.create(user_email="ayse@example.org")
    accepted = api.call("POST", "/tickets", {"subject": "Fatura", "body": "eksik", "customer_id": "cust_Ä 7"})
    written = next(t["id"] for t in api.get("/api/tickets")["tickets"] if t["uuid"] == accepted.json["ticket_id"])

    def listed(query: str) -> list[int]:
        return [ticket["id"] for ticket in api.get(f"/api/tickets?{query}")["tickets"]]

    assert listed("requester=juergen.gross@example.org") == [mailed]
    assert listed(f"requester={quote('cust_Ä 7')}") == [written]
    assert listed(f"customer_id={quote('cust_Ä 7')}") == listed(f"customer={quote('cust_Ä 7')}") == [written]
    assert listed(f"requester={quote('cust_Ä 7')}&requester=Juergen.Gross@example.org") == [written, mailed]
    assert listed("customer_id=cust_7") == listed("requester=juergen") == []


def test_several_values_of_a_filter_are_alternatives(api: Api, made: ServiceDatabase) -> None:
    fill(made, 200)
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("update tickets set team = 'Netzwerk & Wi-Fi', need_admin = false where id %% 3 = 0", ())
    every = walk(api, "/api/tickets?limit=100")
    query = "status=pending&status=closed&department=HR&department=IT%20Support&status=closed"
    found = walk(api, f"/api/tickets?limit=7&{query}")
    assert found == [
        t for t in every if t["status"] in {"pending", "closed"} and t["department"] in {"HR", "IT Support"}
    ]
    assert walk(api, "/api/tickets?team=Netzwerk%20%26%20Wi-Fi&need_admin=false&limit=9") == [
        t for t in every if t["team"] == "Netzwerk & Wi-Fi"
    ]
    assert walk(api, "/api/tickets?need_admin=true") == [t for t in every if t["need_admin"]]
    assert walk(api, "/api/tickets?team=Nobody") == []


def test_a_departments_tickets(api: Api, made: ServiceDatabase) -> None:
    fill(made, 100)
    found = walk(api, "/api/departments/IT%20Support/tickets?status=pending&limit=3")
    assert found == walk(api, "/api/tickets?department=IT%20Support&status=pending&limit=100")
    assert found
    for unknown in ("Ministry", "%00", "HR%2F..", "x" * 5000):
        assert api.call("GET", f"/api/departments/{unknown}/tickets").status_code == 404


def test_the_search_finds_words_anywhere_in_any_order(api: Api) -> None:
    printer = api.create(title="Printer is on fire", description="100% smoke_ in room 7")["id"]
    api.create(title="Fire drill", description="tomorrow")
    for q in ("printer", "FIRE room", "smoke_", "100%", "ire pri"):
        assert [ticket["id"] for ticket in api.get(f"/api/tickets?q={quote(q)}")["tickets"]] == [printer], q
    assert api.get("/api/tickets?q=nothing%25")["tickets"] == []
    assert api.get("/api/tickets?q=fire&status=closed")["tickets"] == []
    assert api.get("/api/tickets?q=")["count"] == 2


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_a_number_finds_that_ticket_first(
    api: Api, made: ServiceDatabase, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(listing, "MAX_SEARCHED_TICKETS", 5)
    old = api.create(title="Printer", description="jammed", user_email="ann@company.example")["id"]
    others = [api.create(title="Follow-up", description=f"of ticket {old}, part {part}")["id"] for part in range(5)]
    expected = [old, *reversed(others)]
    for q in (f"{old}", f"#{old}", f" #{old} ", f"\uff03{old}", f"000{old}"):
        found = [each["id"] for each in walk(api, f"/api/tickets?q={quote(q)}&limit={limit}")]
        assert found[0] == old
        if q.strip() == str(old):
            assert found == expected
    assert walk(api, f"/api/tickets?q={old}&status=closed&limit={limit}") == []
    mine = walk(api, f"/api/tickets?q={old}&requester=ann@company.example&limit={limit}")
    assert [each["id"] for each in mine] == [old]
    assert api.get("/api/tickets?q=999999999999999999")["tickets"] == []
    assert api.get("/api/tickets?q=%2342%20printer")["tickets"] == []


def test_the_search_reads_the_newest_tickets_of_the_company_only(
    api: Api, made: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MAX_SEARCHED_TICKETS", 30)
    fill(made, 50)
    assert len(walk(api, "/api/tickets?q=ticket&limit=8")) == 30


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("status=", "status"),
        ("department=Ministry", "department"),
        ("department=HR%26status%3Dclosed", "department"),
        ("priority=critical", "priority"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=WyJhIl0", "cursor"),
        ("cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OV0", "cursor"),
        ("cursor=" + "x" * 2000, "cursor"),
        ("q=%00", "q"),
        ("q=" + "x" * 201, "q"),
        ("assignee=", "assignee"),
        ("assignee=" + "x" * 321, "assignee"),
        ("unread=maybe", "unread"),
        ("sort=late", "sort"),
        ("sort=due&cursor=WzVd", "cursor"),  # [5], a cursor of the list by creation
        ("sort=due&cursor=WyJuZXZlciIsIDFd", "cursor"),  # ["never", 1]
        ("sort=due&cursor=WyIyMDI2LTExLTMwVDEyOjAwOjAwIiwgMV0", "cursor"),  # without a time zone
        ("Status=closed", "Status"),
        ("customer-id=x", "customer-id"),
        ("page=2", "page"),
        ("status=closed&status=lost", "status"),
        ("department=HR&department=Ministry", "department"),
        ("need_admin=maybe", "need_admin"),
        ("need_admin=true&need_admin=false", "need_admin"),
        ("team=", "team"),
        ("team_id=x", "team_id"),
        ("team_id=0", "team_id"),
        ("customer_id=" + "x" * 101, "customer_id"),
        ("limit=5&limit=6", "limit"),
        ("department=%ff", "department"),
    ],
)
def test_queries_that_make_no_sense_are_refused_by_name(api: Api, query: str, field: str) -> None:
    response = api.call("GET", f"/api/tickets?{query}")
    assert response.status_code == 400, response.text
    assert {error["field"] for error in response.json["errors"]} == {field}


def test_the_statuses_are_five_and_need_no_token(app: Flask) -> None:
    response = app.test_client().get("/api/statuses")
    assert response.json == {"statuses": ["pending", "in_progress", "on_hold", "resolved", "closed"]}


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "tickets_pkey"),
        ({"status": "closed"}, "tickets_by_status"),
        ({"department": "HR"}, "tickets_by_department"),
        ({"priority": "high"}, "tickets_by_priority"),
        ({"team": "Network"}, "tickets_by_team"),
        ({"team_id": 7}, "tickets_by_team_id"),
        ({"assignee": "lea@example.com"}, "tickets_by_assignee"),
        ({"customer_id": "cust_7"}, "tickets_by_customer"),
        ({"need_admin": True}, "tickets_that_need_admin"),
        ({"status": "closed", "department": "HR"}, "tickets_by_department_and_status"),
    ],
)
def test_a_page_is_read_from_one_index_without_sorting(
    api: Api, made: ServiceDatabase, filters: dict[str, Any], index: str
) -> None:
    fill(made, 4000)
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "update tickets set status = 'pending', department = 'General', priority = 'low', need_admin = false"
        )
        # Both together are rare, so that a scan of all tickets, or of those of one filter, would show.
        for place, (name, value) in enumerate(filters.items(), 1):
            often = place if len(filters) > 1 else 0
            cursor.execute(
                f"update tickets set {name} = %s where id %% 500 = 0 or {often} = id %% 4 and {often} > 0", (value,)
            )
        cursor.execute("vacuum analyze tickets")
    query = listing.query(
        1, listing.Filters(**{n: v if v is True else (v,) for n, v in filters.items()}), after=(3000,), limit=26
    )
    statement = str(query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    with made.database.session(1) as session:
        text = "\n".join(session.connection().exec_driver_sql(f"explain {statement}").scalars())
    assert f"Index Scan Backward using {index} on tickets" in text, text
    assert "Sort" not in text
