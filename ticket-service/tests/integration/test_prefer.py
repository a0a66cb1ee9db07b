"""Waiting for the routing, or not."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from service_kit.database.pg_arrays import pg_array
from service_kit.database.statements import run
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.adapters import long_poll
from ticket_service.settings import MAX_WAIT_SECONDS, Settings
from ticket_service.store.routings import ANSWERED

from ..conftest import DRAFT, Api
from .test_consume import PERSON, Inside


@pytest.fixture
def waiting_app(read: Callable[..., Settings]) -> Iterator[Flask]:
    settings = read(TICKET_CREATE_WAIT_MS=str(MAX_WAIT_SECONDS * 1000), HTTP_THREADS="16")
    process = service.SERVICE.instance(settings)
    yield process.create_app()
    process.close()


@pytest.fixture
def patient(waiting_app: Flask, made: ServiceDatabase) -> Api:
    made.clean()
    return Api(waiting_app.test_client())


class Router:
    """Routes every new ticket in the background, as the pipeline does."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._over.wait(0.005):
            with self._inside.made.admin() as connection, connection.cursor() as cursor:
                cursor.execute("select id from tickets where routed_at is null")
                waiting = [number for (number,) in cursor.fetchall()]
                cursor.execute("""
                    select tickets.id, body::json ->> 'wanted_department', outbox.revision, routed_revision
                    from outbox join tickets on tickets.id = subject::bigint
                    where type = 'ticket.updated' and outbox.revision > wish_answered order by seq limit 1
                """)
                requests = [row for row in cursor.fetchall() if row[1]]
            for number in waiting:
                self._inside.route(number, 1)
            for number, name, revision, routed in requests:
                self._inside.route(number, routed + 1, department=name, wish_revision=revision, **PERSON)


def test_the_answer_waits_for_the_department(patient: Api, made: ServiceDatabase) -> None:
    with Router(Inside(made)):
        ticket = patient.create()
    assert (ticket["department"], ticket["confidence_score"], ticket["run"]) == ("IT Support", 70, "completed")


def test_a_requested_department_shows_in_the_response(patient: Api, made: ServiceDatabase) -> None:
    with Router(Inside(made)):
        number = patient.create()["id"]
        answer = patient.call("PATCH", f"/api/tickets/{number}", {"department": "HR"})
    assert (answer.json["department"], answer.json["decided_by"]) == ("HR", "person")
    # The router of this test acts for somebody else, so that its routing is news.
    assert answer.headers["ETag"] == f'"{answer.json["version"]}-unread"'


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_the_response_waits_for_its_own_request_and_not_for_a_routing_on_its_way(
    patient: Api, waiting_app: Flask, made: ServiceDatabase, method: str
) -> None:
    inside = Inside(made)
    number = patient.create_unrouted()
    answers: list[Any] = []
    other = Api(waiting_app.test_client())

    def edit() -> None:
        answers.append(other.call(method, f"/api/tickets/{number}", {"department": "Finance"}, Prefer="wait=10"))

    caller = threading.Thread(target=edit)
    caller.start()
    while made.rows("select wish_revision from tickets where id = %s", number) != [(2,)]:
        time.sleep(0.01)
    inside.route(number, 1)
    inside.route(number, 2, department="HR", wish_revision=1, **PERSON)
    caller.join(0.5)
    assert not answers, "neither routing answers the request"
    inside.route(number, 3, department="Finance", wish_revision=2, **PERSON)
    caller.join(20)
    assert (answers[0].json["department"], answers[0].headers["Preference-Applied"]) == ("Finance", "wait=10")


def test_an_edit_without_a_routing_request_does_not_wait(patient: Api) -> None:
    number = patient.create_unrouted()
    begun = time.monotonic()
    answer = patient.call("PATCH", f"/api/tickets/{number}", {"title": "x"}, Prefer="wait=10")
    assert (answer.status_code, answer.headers.get("Preference-Applied")) == (200, None)
    assert time.monotonic() - begun < 5


def test_respond_async_does_not_wait(patient: Api) -> None:
    begun = time.monotonic()
    answer = patient.call("POST", "/api/tickets", DRAFT, Prefer="respond-async")
    assert time.monotonic() - begun < MAX_WAIT_SECONDS * 0.8
    assert (answer.status_code, answer.json["department"]) == (201, None)
    assert answer.headers["Preference-Applied"] == "respond-async"


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=1", "wait=1"),
        ('Wait="1" ; x=y, unknown', "wait=1"),
        ("respond-async, wait=1", "respond-async, wait=1"),
        ("wait=-1", None),
        ("wait=soon", None),
        ("", None),
    ],
)
def test_the_response_says_whether_a_preferred_wait_was_applied(api: Api, prefer: str, applied: str | None) -> None:
    answer = api.call("POST", "/api/tickets", DRAFT, Prefer=prefer)
    assert answer.status_code == 201
    assert answer.json["department"] is None
    assert answer.headers.get("Preference-Applied") == applied


def test_no_wait_outlasts_the_requests_deadline(patient: Api) -> None:
    deadline = time.time() + 4
    answer = patient.call("POST", "/api/tickets", DRAFT, X_Request_Deadline=f"{deadline:.3f}")
    assert answer.status_code == 201
    assert time.time() < deadline + MAX_WAIT_SECONDS * 0.5


def test_when_routing_is_down_only_the_first_one_waits(
    read: Callable[..., Settings], made: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_poll, "COOLDOWN_SECONDS", 60.0)
    process = service.SERVICE.instance(read(TICKET_CREATE_WAIT_MS="4000"))
    api = Api(process.create_app().test_client())
    api.create()
    begun = time.monotonic()
    for _ in range(10):
        api.create()
    assert time.monotonic() - begun < 30, "each would wait for four seconds"
    process.close()


def test_the_query_reads_only_the_tickets_it_is_about(made: ServiceDatabase) -> None:
    made.clean()
    with made.admin() as connection, connection.cursor() as cursor:
        # A large new table, without statistics for the planner.
        cursor.execute("""
            insert into tickets (company_id, uuid, title, description, priority_given)
            select 1, gen_random_uuid(), 'Printer', 'It jams.', false from generate_series(1, 5000)
        """)
        cursor.execute("update tickets set routed_revision = 1, wish_answered = 1 where id % 2 = 0 returning id")
        routed = [number for (number,) in cursor.fetchall()][:3]
        cursor.execute("select 'ticket.tickets'::regclass::oid")
        [(table,)] = cursor.fetchall()
    read = f"select pg_stat_get_xact_tuples_returned({table}) + pg_stat_get_xact_tuples_fetched({table})"
    columns = {"company_id": 1, "ticket_ids": pg_array(routed), "request_revisions": pg_array([0, 1, 2])}
    with made.database.session(1) as session:
        found = dict(map(tuple, run(session, [ANSWERED], columns)))
        rows = session.connection().exec_driver_sql(read).scalar_one()
        session.rollback()
    assert found == {routed[0]: 1, routed[1]: 1}
    assert rows < 20
