"""A requester creates, sees, closes and reopens its own tickets, and learns nothing about any other."""

from typing import Any
from uuid import uuid4

import pytest
from service_kit.identity import ADMIN, AGENT, REQUESTER, SERVICE
from service_kit.testing.postgres import ServiceDatabase
from ticket_service.api.views import INTERNAL_FIELDS, TicketView
from ticket_service.store import listing

from ..conftest import DRAFT, Api

ANN, BEN = "user:7", "user:70"


@pytest.fixture
def ann(api: Api) -> Api:
    return Api(api.client, role=REQUESTER, subject=ANN)


@pytest.fixture
def ben(api: Api) -> Api:
    return Api(api.client, role=REQUESTER, subject=BEN)


def ids(api: Api, query: str = "") -> list[int]:
    return [ticket["id"] for ticket in api.get(f"/api/tickets{query}")["tickets"]]


def test_a_requester_owns_the_tickets_that_it_creates(api: Api, ann: Api, ben: Api) -> None:
    made = ann.create()
    written = ann.call("POST", "/tickets", {"subject": "VPN", "body": "drops"})
    assert written.status_code == 201
    theirs = api.create()["id"]
    assert made["customer_id"] == ANN
    assert [ticket["customer_id"] for ticket in ann.get("/api/tickets")["tickets"]] == [ANN, ANN]
    assert ids(ben) == []
    assert theirs not in ids(ann)
    assert len(ids(api)) == 3


def test_a_requester_needs_no_name_and_no_address_and_others_do(api: Api, ann: Api) -> None:
    text = {"title": "VPN", "description": "drops"}
    made = ann.call("POST", "/api/tickets", text)
    assert (made.status_code, made.json["user_name"], made.json["user_email"]) == (201, "Somebody", None)
    for role in (AGENT, ADMIN, SERVICE):
        refused = Api(api.client, role=role).call("POST", "/api/tickets", {"title": ""})
        assert refused.status_code == 400
        assert {error["field"] for error in refused.json["errors"]} == {
            "title", "description", "user_name", "user_email",
        }  # fmt: skip
        assert Api(api.client, role=role).call("POST", "/tickets", {"subject": "a", "body": "b"}).status_code == 400


def test_a_requesters_name_and_address_come_from_the_identity_whatever_is_sent(api: Api) -> None:
    ann = Api(api.client, role=REQUESTER, subject=ANN, email="ann@company.example")
    boss = {"user_name": "The Boss", "user_email": "boss@company.example"}
    for sent in (boss, {"user_email": "ANN@company.example"}, {"user_name": "The Boss"}, {}):
        made = ann.call("POST", "/api/tickets", {"title": "VPN", "description": "drops"} | sent)
        assert made.status_code == 201, made.text
        assert (made.json["user_name"], made.json["user_email"]) == ("Somebody", "ann@company.example")
    assert ids(api, "?requester=boss@company.example") == []
    assert len(ids(api, "?requester=ann@company.example")) == 4
    # An address is checked also where it is not used: a caller learns of its mistakes.
    assert ann.call("POST", "/api/tickets", DRAFT | {"user_email": "nonsense"}).status_code == 400


@pytest.mark.parametrize("role", [AGENT, ADMIN, SERVICE])
def test_others_write_tickets_for_anybody(api: Api, role: str) -> None:
    caller = Api(api.client, role=role, email="agent@company.example")
    made = caller.call("POST", "/api/tickets", DRAFT | {"user_name": "Ann", "user_email": "ann@company.example"})
    assert (made.json["user_name"], made.json["user_email"]) == ("Ann", "ann@company.example")


def test_a_requester_writes_in_no_other_name(api: Api, ann: Api, ben: Api) -> None:
    for customer in (BEN, "7", ANN.upper(), f"{ANN} "):
        refused = ann.call("POST", "/tickets", {"subject": "a", "body": "b", "customer_id": customer})
        assert refused.status_code == 404
    assert ann.call("POST", "/tickets", {"subject": "a", "body": "b", "customer_id": ANN}).status_code == 201
    refused = ann.call("POST", "/api/tickets", DRAFT | {"customer_id": BEN})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "customer_id")
    assert ids(ben) == []


def test_the_same_words_of_two_requesters_are_two_tickets(ann: Api, ben: Api) -> None:
    sent = {"subject": "VPN", "body": "drops"}
    assert ann.call("POST", "/tickets", sent).json["ticket_id"] != ben.call("POST", "/tickets", sent).json["ticket_id"]


def test_a_foreign_ticket_is_as_unknown_as_one_that_does_not_exist(api: Api, ann: Api, ben: Api) -> None:
    secret = ben.create(title="Salary of Ben")
    unowned = api.create()
    for foreign in (secret, unowned):
        pairs = (
            ("GET", f"/api/tickets/{foreign['id']}", f"/api/tickets/{2**62}", None),
            ("GET", f"/api/tickets/{foreign['id']}/events", f"/api/tickets/{2**62}/events", None),
            ("GET", f"/tickets/{foreign['uuid']}", f"/tickets/{uuid4()}", None),
            ("GET", f"/tickets/{foreign['uuid']}/events", f"/tickets/{uuid4()}/events", None),
            ("PUT", f"/api/tickets/{foreign['id']}/status", f"/api/tickets/{2**62}/status", {"status": "closed"}),
            ("PUT", f"/api/tickets/{foreign['id']}/status", f"/api/tickets/{2**62}/status", {"status": "on_hold"}),
        )
        for method, path, unknown, body in pairs:
            found, missing = ann.call(method, path, body), ann.call(method, unknown, body)
            assert found.status_code == missing.status_code == 404
            assert without_request(found.json) == without_request(missing.json)
    assert api.get(f"/api/tickets/{secret['id']}")["status"] == "pending"


def test_the_same_subject_in_another_company_sees_nothing(api: Api, ann: Api) -> None:
    made = ann.create()
    elsewhere = Api(api.client, company=2, role=REQUESTER, subject=ANN)
    assert elsewhere.call("GET", f"/api/tickets/{made['id']}").status_code == 404
    assert elsewhere.call("GET", f"/tickets/{made['uuid']}").status_code == 404
    assert ids(elsewhere) == []


@pytest.mark.parametrize(
    "query",
    [
        "?q=salary",
        f"?requester={BEN}",
        f"?customer_id={BEN}",
        f"?customer={BEN}&customer={ANN}",
        "?status=pending&status=closed",
        "?requester=john.doe@company.com",
        "?priority=low",
    ],
)
def test_no_filter_shows_a_foreign_ticket(ann: Api, ben: Api, query: str) -> None:
    own, secret = ann.create(title="My salary"), ben.create(title="Salary of Ben")
    found = ids(ann, query)
    assert secret["id"] not in found
    assert set(found) <= {own["id"]}


def test_the_number_of_a_foreign_ticket_finds_nothing(ann: Api, ben: Api) -> None:
    secret = ben.create(title="Salary of Ben")
    assert ids(ann, f"?q={secret['id']}") == []
    assert ids(ann, f"?q=%23{secret['id']}") == []
    assert ids(ben, f"?q={secret['id']}") == [secret["id"]]


def test_the_list_of_a_department_holds_own_tickets(api: Api, ann: Api, ben: Api, made: ServiceDatabase) -> None:
    own = ann.create()["id"]
    ben.create()
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("update tickets set department = 'HR'")
    listed = ann.get("/api/departments/HR/tickets")["tickets"]
    assert [ticket["id"] for ticket in listed] == [own]
    assert api.get("/api/departments/HR/tickets")["count"] == 2


def test_pages_of_a_requester_hold_every_own_ticket_once(api: Api, ann: Api, ben: Api) -> None:
    own = []
    for number in range(9):
        own.append(ann.create()["id"])
        ben.create()
        if number % 3 == 0:
            api.create()
    found, path = [], "/api/tickets?limit=4"
    while path:
        answer = ann.call("GET", path)
        found += [ticket["id"] for ticket in answer.json["tickets"]]
        path = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert found == own[::-1]


@pytest.mark.parametrize(
    "query",
    ["?team=A", "?team_id=1", "?need_admin=true", "?need_admin=false", "?assignee=lea@example.com", "?sort=due"],
)
def test_a_requester_filters_and_sorts_by_no_internal_field(api: Api, ann: Api, query: str) -> None:
    assert ann.call("GET", f"/api/tickets{query}").status_code == 403
    assert api.call("GET", f"/api/tickets{query}").status_code == 200


def test_a_requester_sees_no_internal_field(api: Api, ann: Api) -> None:
    made = ann.create(metadata={"machine": "x"})
    shown: list[Any] = [
        made,
        ann.get(f"/api/tickets/{made['id']}"),
        *ann.get("/api/tickets")["tickets"],
        ann.call("PUT", f"/api/tickets/{made['id']}/status", {"status": "closed"}).json,
    ]
    for ticket in shown:
        assert not ticket.keys() & set(INTERNAL_FIELDS)
        assert ticket["department"] is None
    whole = api.get(f"/api/tickets/{made['id']}")
    assert set(INTERNAL_FIELDS) <= whole.keys()
    assert whole["metadata"] == {"machine": "x"}


def test_the_run_of_a_ticket_tells_a_requester_no_confidence(api: Api, ann: Api, made: ServiceDatabase) -> None:
    number = ann.call("POST", "/tickets", {"subject": "VPN", "body": "drops"}).json["ticket_id"]
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute("update tickets set run = 'completed', department = 'HR', confidence_score = 81")
    assert ann.get(f"/tickets/{number}")["result"] == {"department": "HR", "confidence_score": None}
    assert api.get(f"/tickets/{number}")["result"] == {"department": "HR", "confidence_score": 81.0}


def test_a_requester_closes_and_reopens_its_ticket_and_does_nothing_else_with_it(api: Api, ann: Api) -> None:
    number = ann.create()["id"]

    def move(status: str) -> int:
        return ann.call("PUT", f"/api/tickets/{number}/status", {"status": status}).status_code

    assert [move(status) for status in ("in_progress", "on_hold", "resolved")] == [403, 403, 403]
    assert [move(status) for status in ("closed", "closed", "on_hold", "pending")] == [200, 200, 403, 403]
    assert [move(status) for status in ("in_progress", "closed")] == [200, 200]
    assert api.call("PUT", f"/api/tickets/{number}/status", {"status": "in_progress"}).status_code == 200
    assert api.call("PUT", f"/api/tickets/{number}/status", {"status": "resolved"}).status_code == 200
    assert move("in_progress") == 200
    for method, body in (("PATCH", {"title": "x"}), ("PUT", {"title": "x"}), ("DELETE", None)):
        assert ann.call(method, f"/api/tickets/{number}", body).status_code == 403


def test_the_trail_of_a_requester_names_nobody_else_and_tells_no_routing(
    api: Api, ann: Api, made: ServiceDatabase
) -> None:
    number = ann.create()["id"]
    agent = Api(api.client, role=AGENT, subject="user:9")
    agent.call("PATCH", f"/api/tickets/{number}", {"priority": "urgent"})
    agent.call("PUT", f"/api/tickets/{number}/status", {"status": "resolved"})
    ann.call("PUT", f"/api/tickets/{number}/status", {"status": "in_progress"})
    entries = ann.trail(number)
    assert [(entry["event_type"], entry["actor"]) for entry in entries] == [
        ("created", f"person:{ANN}"),
        ("status_change", "staff"),
        ("status_change", f"person:{ANN}"),
    ]
    assert "user:9" not in str(entries)
    assert [entry["event_type"] for entry in api.trail(number)] == [
        "created", "updated", "status_change", "status_change",
    ]  # fmt: skip
    first = ann.get(f"/api/tickets/{number}/events?limit=1")
    rest = ann.get(f"/api/tickets/{number}/events?cursor={first['next']}")
    assert first["items"] + rest["items"] == entries


def test_the_files_of_the_company_are_not_for_requesters(api: Api, ann: Api) -> None:
    file = api.stored(b"salaries")["id"]
    for method, path in (
        ("GET", "/api/files"),
        ("GET", f"/api/files/{file}"),
        ("GET", f"/api/files/{file}/content"),
        ("DELETE", f"/api/files/{file}"),
    ):
        assert ann.call(method, path).status_code == 403
    assert ann.upload(b"poison").status_code == 403


def test_one_requesters_idempotency_key_gives_another_nothing(ann: Api, ben: Api) -> None:
    made = ann.call("POST", "/api/tickets", DRAFT, Idempotency_Key="same")
    other = ben.call("POST", "/api/tickets", DRAFT, Idempotency_Key="same")
    assert (made.status_code, other.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in other.headers
    assert other.json["id"] != made.json["id"]
    assert str(made.json["uuid"]) not in other.text
    again = ann.call("POST", "/api/tickets", DRAFT, Idempotency_Key="same")
    assert again.json == made.json
    assert not again.json.keys() & set(INTERNAL_FIELDS)


def test_a_page_of_a_requester_reads_its_own_tickets_only(api: Api, made: ServiceDatabase) -> None:
    with made.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into tickets (company_id, uuid, title, description, customer_id)"
            " select 1, gen_random_uuid(), 't', 'd', 'user:' || n % 1000 from generate_series(1, 20000) as n"
        )
        cursor.execute("analyze tickets")
    sql = listing.query(1, listing.Filters(), own="user:7", after=None, limit=26)
    with made.database.session(1) as session, session.begin():
        compiled = str(sql.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        plan = "\n".join(session.connection().exec_driver_sql("explain " + compiled.replace("%", "%%")).scalars())
    assert "tickets_by_customer" in plan
    assert "Seq Scan" not in plan


def without_request(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name not in {"request_id", "instance"}}


def test_every_field_of_a_ticket_is_shown_to_requesters_or_named_internal() -> None:
    """A new field is a decision: this list grows by hand."""
    shown = set(TicketView().fields) - set(INTERNAL_FIELDS)
    assert shown == {
        "id", "uuid", "number", "external_ticket_id", "title", "description", "user_name", "user_email", "customer_id",
        "department", "priority", "status", "task", "unread", "version", "created_at", "updated_at",
    }  # fmt: skip
