"""A ticket is unread for a person where somebody else has changed it since the person marked it as read."""

from collections.abc import Callable
from typing import Any

import pytest
from service_kit.identity import AGENT, REQUESTER, SERVICE
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy.dialects import postgresql
from ticket_service.store import listing

from ..conftest import Api
from .test_consume import Inside
from .test_list import fill
from .test_solutions import propose
from .test_tasks import assign

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def ann(api: Api) -> Api:
    return Api(api.client, role=AGENT, subject="user:1")


@pytest.fixture
def ben(api: Api) -> Api:
    return Api(api.client, role=AGENT, subject="user:2")


@pytest.fixture
def inside(made: ServiceDatabase) -> Inside:
    return Inside(made)


def is_unread(who: Api, ticket: int) -> bool:
    """Return what ticket, list and filters say, which must be the same."""
    shown: bool = who.get(f"/api/tickets/{ticket}")["unread"]
    listed = {each["id"]: each["unread"] for each in who.get("/api/tickets")["tickets"]}
    for wanted in (True, False):
        found = {each["id"] for each in who.get(f"/api/tickets?unread={str(wanted).lower()}")["tickets"]}
        assert (ticket in found) == (shown == wanted)
    assert listed[ticket] == shown
    return shown


def mark(who: Api, ticket: int, read: bool = True) -> None:
    response = who.call("PUT", f"/api/tickets/{ticket}/read", {"read": read})
    assert (response.status_code, response.data) == (204, b"")


def change(who: Api, ticket: int, **fields: Any) -> Any:
    response = who.call("PATCH", f"/api/tickets/{ticket}", fields)
    assert response.status_code == 200, response.text
    return response


def test_a_new_ticket_is_unread_for_everybody_but_its_author(ann: Api, ben: Api) -> None:
    made = ann.create()
    assert made["unread"] is False
    assert not is_unread(ann, made["id"])
    assert is_unread(ben, made["id"])


def test_a_ticket_stays_read_until_somebody_else_changes_it(ann: Api, ben: Api) -> None:
    ticket = ann.create()["id"]
    mark(ben, ticket)
    assert not is_unread(ben, ticket)
    change(ben, ticket, priority="high")
    change(ben, ticket, status="in_progress")
    assert not is_unread(ben, ticket), "own changes are no news"
    assert is_unread(ann, ticket)
    change(ann, ticket, status="resolved")
    assert is_unread(ben, ticket)


def test_own_changes_leave_unread_what_others_did_before(ann: Api, ben: Api) -> None:
    ticket = ann.create()["id"]
    assert change(ben, ticket, priority="high").json["unread"] is True
    assert is_unread(ben, ticket)


def test_a_ticket_can_be_marked_as_unread_by_whoever_has_read_or_written_it(ann: Api, ben: Api) -> None:
    ticket = ann.create()["id"]
    for who in (ann, ben):
        for _ in range(2):
            mark(who, ticket)
            mark(who, ticket, read=False)
        assert is_unread(who, ticket)
        mark(who, ticket)
        assert not is_unread(who, ticket)


def test_marks_are_a_row_per_marking_person_and_none_per_change(ann: Api, ben: Api, rows: Rows) -> None:
    ticket = ann.create()["id"]
    mark(ben, ticket)
    for priority in ("high", "low", "urgent"):
        change(ann, ticket, priority=priority)
    assert rows("select reader from read_marks") == [("person:user:2",)]
    assert len(ann.trail(ticket)) == 4, "a mark is no change of the ticket"


def test_assignments_and_peoples_routings_are_news_and_predictions_are_not(ann: Api, ben: Api, inside: Inside) -> None:
    made = ann.create()
    ticket = made["id"]
    mark(ben, ticket)
    inside.route(ticket, 1)
    propose(inside, made, 1)
    assign(inside, ticket, 1, assignee=None)
    assert not is_unread(ann, ticket)
    assert not is_unread(ben, ticket)
    assign(inside, ticket, 2)
    assert is_unread(ann, ticket)
    mark(ann, ticket)
    assign(inside, ticket, 3, action="clocks", breached=True)
    assert not is_unread(ann, ticket), "clocks that go on are no news"
    assign(inside, ticket, 4, action="address changed", assignee="anna@example.com", breached=True)
    assert not is_unread(ann, ticket), "neither is the same assignee's new address"
    inside.route(ticket, 2, decided_by="person", actor="person:user:2")
    assert is_unread(ann, ticket)
    mark(ben, ticket)
    inside.route(ticket, 3, decided_by="person", actor="person:user:2")
    assert not is_unread(ben, ticket), "its own routing"


def test_a_requester_learns_of_nothing_that_it_does_not_see(api: Api, ann: Api, inside: Inside) -> None:
    requester = Api(api.client, role=REQUESTER, subject="user:7")
    ticket = requester.create()["id"]
    change(ann, ticket, priority="high", sub_category="Laptop")
    assign(inside, ticket, 2)
    inside.route(ticket, 1, decided_by="person", actor="person:user:2")
    assert not is_unread(requester, ticket)
    change(ann, ticket, status="in_progress")
    assert is_unread(requester, ticket)
    mark(requester, ticket)
    assert not is_unread(requester, ticket)
    other = ann.create()["id"]
    assert requester.call("PUT", f"/api/tickets/{other}/read", {"read": True}).json["code"] == "ticket_not_found"


def test_a_comment_is_news_to_those_who_see_it_and_a_thumb_to_nobody(api: Api, ann: Api, ben: Api) -> None:
    requester = Api(api.client, role=REQUESTER, subject="user:7")
    ticket = requester.create()["id"]
    for person in (ann, ben):
        mark(person, ticket)
    note = ann.call("POST", f"/api/tickets/{ticket}/comments", {"text": "Not again.", "internal": True}).json
    assert (is_unread(requester, ticket), is_unread(ann, ticket), is_unread(ben, ticket)) == (False, False, True)
    mark(ben, ticket)
    assert ben.call("PUT", f"/api/comments/{note['id']}/rating", {"thumb": "up"}).status_code == 200
    assert not is_unread(ann, ticket)
    assert ann.call("POST", f"/api/tickets/{ticket}/comments", {"text": "Which one?"}).status_code == 201
    assert (is_unread(requester, ticket), is_unread(ann, ticket), is_unread(ben, ticket)) == (True, False, True)


def test_the_etag_tells_read_from_unread_and_if_match_compares_the_version_alone(ann: Api, ben: Api) -> None:
    path = f"/api/tickets/{ann.create()['id']}"
    unread = ben.call("GET", path).headers["ETag"]
    mark(ben, int(path.rpartition("/")[2]))
    read = ben.call("GET", path, If_None_Match=unread)
    assert (read.status_code, read.json["unread"]) == (200, False)
    assert (unread, read.headers["ETag"]) == ('"1-unread"', '"1"')
    assert ben.call("PATCH", path, {"title": "Other"}, If_Match=unread).status_code == 200
    assert ben.call("PATCH", path, {"title": "Third"}, If_Match=unread).status_code == 412


def test_a_page_of_a_department_and_a_bulk_filter_know_what_is_unread(ann: Api, ben: Api, inside: Inside) -> None:
    tickets = [ann.create()["id"] for _ in range(2)]
    for ticket in tickets:
        inside.route(ticket, 1, department="HR")
    mark(ben, tickets[0])
    listed = ben.get("/api/departments/HR/tickets")["tickets"]
    assert [each["unread"] for each in listed] == [True, False]
    bulk = {"filter": {"unread": True}, "change": {"status": "closed"}}
    assert ben.call("PATCH", "/api/tickets/bulk", bulk).json["counts"]["total"] == 1


def test_services_have_read_everything(api: Api, ann: Api) -> None:
    ticket = ann.create()["id"]
    service = Api(api.client, role=SERVICE, subject="ai-service")
    assert not is_unread(service, ticket)


def test_marks_go_with_their_ticket_and_with_their_person(ann: Api, ben: Api, inside: Inside, rows: Rows) -> None:
    gone, kept = ann.create()["id"], ann.create()["id"]
    for who in (ann, ben):
        for ticket in (gone, kept):
            mark(who, ticket)
    ann.call("DELETE", f"/api/tickets/{gone}")
    inside.deliver(("user.deleted", 3, {"user_id": 1}))
    assert rows("select ticket_id, reader from read_marks") == [(kept, "person:user:2")]


def test_pages_of_unread_tickets_miss_and_repeat_nothing(ann: Api, ben: Api) -> None:
    tickets = [ann.create()["id"] for _ in range(12)]
    for ticket in tickets[::3]:
        mark(ben, ticket)
    found = [each["id"] for each in ben.every("/api/tickets?unread=true&limit=3", "tickets")]
    assert found == sorted(set(tickets) - set(tickets[::3]), reverse=True)


@pytest.mark.parametrize("value", ["yes", "2", ""])
def test_unread_is_true_or_false(ann: Api, value: str) -> None:
    assert ann.call("GET", f"/api/tickets?unread={value}").json["errors"][0]["field"] == "unread"
    ticket = ann.create()["id"]
    assert ann.call("PUT", f"/api/tickets/{ticket}/read", {"read": value}).json["errors"][0]["field"] == "read"


def test_a_page_looks_each_of_its_tickets_up_by_index(api: Api, made: ServiceDatabase) -> None:
    fill(made, 4000)
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ticket_events (company_id, ticket_id, event_type, actor, cause, payload, request_id)"
            " select company_id, id, 'created', 'person:user:1', 'request', '{}', 'r'"
            " from tickets, generate_series(1, 4)"
        )
        cursor.execute(
            "insert into read_marks select company_id, id, 'person:user:2', 0, false from tickets where id % 3 = 0"
        )
        cursor.execute("analyze tickets")
        cursor.execute("analyze ticket_events")
        cursor.execute("analyze read_marks")
    filters = listing.Filters(unread=True, reader="person:user:2")
    query = listing.query(1, filters, after=None, limit=26)
    statement = str(query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
    with made.database.session(1) as session:
        plan = "\n".join(session.connection().exec_driver_sql(f"explain {statement}").scalars())
    assert "Index Scan Backward using tickets_pkey" in plan, plan
    assert "using ticket_events_of" in plan, plan
    assert "using read_marks_pkey" in plan, plan
    assert "Seq Scan" not in plan, plan
    assert "Sort" not in plan, plan
