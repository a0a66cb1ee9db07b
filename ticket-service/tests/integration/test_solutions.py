"""Proposed solutions and the tickets that show them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
from eventbus.contracts import Contracts
from eventbus.testing.events import deliver, make_message
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service

from ..conftest import Api
from .test_consume import Inside

Rows = Callable[..., list[tuple[Any, ...]]]
CHUNK = str(uuid4())
STEPS = [
    {"order": 1, "text": "Open the VPN client.", "chunk_ids": [CHUNK]},
    {"order": 2, "text": 'Choose "Forget \\ this".', "chunk_ids": []},
]


@pytest.fixture
def inside(made: ServiceDatabase) -> Inside:
    return Inside(made)


def proposed(ticket: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {"ticket_id": ticket["id"], "mode": "extractive", "steps": STEPS, "confidence": 0.71, "needs_human": False}
    return body | {"sources": []} | changes


def rest_on(file: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sources of a proposal that quotes one file."""
    source = {"chunk_id": CHUNK, "source_type": "file", "source_id": file["id"], "title": file["name"]}
    return [source | {"place": "p. 1", "score": 0.6}]


def propose(inside: Inside, ticket: dict[str, Any], revision: int, is_latest: bool = True, **changes: Any) -> None:
    inside.deliver(("ticket.solution.proposed", revision, proposed(ticket, **changes)), is_latest=is_latest)


def shown(api: Api, ticket: dict[str, Any]) -> tuple[Any, ...]:
    now = api.get(f"/api/tickets/{ticket['id']}")
    return now["solution_steps"], now["solution_confidence"], now["solution_mode"]


def test_a_ticket_shows_no_solution_before_one_is_proposed(api: Api) -> None:
    assert shown(api, api.create()) == (None, None, None)


def test_a_proposal_is_shown_and_recorded(api: Api, inside: Inside) -> None:
    ticket = api.create()
    propose(inside, ticket, 1)
    assert shown(api, ticket) == (STEPS, 0.71, "extractive")
    (listed,) = api.get("/api/tickets")["tickets"]
    assert listed["solution_steps"] == STEPS
    entry = api.trail(ticket["id"])[-1]
    assert (entry["event_type"], entry["actor"], entry["request_id"]) == ("solution_proposed", "routing-service", "r-9")
    after = {"mode": "extractive", "confidence": 0.71, "steps": 2, "needs_human": False}
    assert entry["payload"] == {"after": after, "shown": True}
    assert api.get(f"/api/tickets/{ticket['id']}")["version"] == 2, "the ticket shows something else"


def test_a_proposal_without_steps_shows_empty_steps(api: Api, inside: Inside) -> None:
    ticket = api.create()
    propose(inside, ticket, 1, steps=[], confidence=0.0, needs_human=True)
    assert shown(api, ticket) == ([], 0.0, "extractive")


def test_a_late_proposal_is_recorded_and_not_shown(api: Api, inside: Inside) -> None:
    ticket = api.create()
    propose(inside, ticket, 2, mode="claude")
    propose(inside, ticket, 1, is_latest=False)
    assert shown(api, ticket)[2] == "claude"
    recorded = [entry["payload"]["shown"] for entry in api.trail(ticket["id"]) if "solution" in entry["event_type"]]
    assert recorded == [True, False]


def test_the_newest_proposal_of_a_batch_is_shown_in_any_order(api: Api, inside: Inside) -> None:
    ticket = api.create()
    kind = "ticket.solution.proposed"
    inside.deliver((kind, 3, proposed(ticket, mode="approved")), (kind, 2, proposed(ticket, mode="claude")))
    assert shown(api, ticket)[2] == "approved"


def test_a_proposal_for_a_missing_ticket_or_another_companys_has_no_effect(
    api: Api, inside: Inside, rows: Rows
) -> None:
    ticket = api.create()
    propose(inside, {"id": ticket["id"] + 1}, 1)
    inside.deliver(("ticket.solution.proposed", 1, proposed(ticket)), company=2)
    assert shown(api, ticket) == (None, None, None)
    assert rows("select count(*) from ticket_events where event_type = 'solution_proposed'") == [(0,)]


def test_a_proposal_delivered_twice_is_recorded_once(api: Api, made: ServiceDatabase) -> None:
    ticket = api.create()
    contracts = Contracts.installed(())
    message = make_message(
        contracts, "ticket.solution.proposed", proposed(ticket), source="rag-service", subject=str(ticket["id"])
    )
    settings = service.SERVICE.read_settings({"SMARTTICKET_ENV": "development"})
    for _ in range(2):
        deliver(
            made.database,
            contracts,
            service.SERVICE.name,
            service.SERVICE.instance(settings).subscriptions(),
            [message],
        )
    assert shown(api, ticket) == (STEPS, 0.71, "extractive")
    assert [entry["event_type"] for entry in api.trail(ticket["id"])] == ["created", "solution_proposed"]


def test_a_deleted_ticket_takes_its_solution_with_it(api: Api, inside: Inside, rows: Rows) -> None:
    ticket = api.create()
    propose(inside, ticket, 1)
    api.call("DELETE", f"/api/tickets/{ticket['id']}")
    propose(inside, ticket, 2)
    assert rows("select count(*) from tickets") == [(0,)]


def test_steps_are_deleted_with_the_file_that_they_quote(api: Api, inside: Inside, rows: Rows) -> None:
    file, other = api.stored(b"Open the VPN client.", "vpn.txt"), api.stored(b"Something else.", "else.txt")
    mine, theirs = api.create(), api.create()
    propose(inside, mine, 1, sources=rest_on(file))
    propose(inside, theirs, 1, sources=rest_on(other))
    assert shown(api, mine) == (STEPS, 0.71, "extractive")
    assert api.call("DELETE", f"/api/files/{file['id']}").status_code == 204
    assert shown(api, mine) == ([], 0.0, "extractive")
    assert shown(api, theirs) == (STEPS, 0.71, "extractive")
    assert rows("select count(*) from solution_sources") == [(1,)]


def test_a_failed_proposal_is_deleted_with_the_file_that_it_quotes(api: Api, made: ServiceDatabase, rows: Rows) -> None:
    gone, kept = api.stored(b"the words", "viola.txt"), api.stored(b"other words", "zither.txt")
    park = """
        insert into ticket.parked (queue, event_id, company_id, subject, type, body, reason, state)
        values ('ticket-service.show-solutions', %s, 1, '42', 'ticket.solution.proposed', %s, 'it failed', 'dead')
    """
    with made.admin() as connection, connection.cursor() as cursor:
        for number, file in enumerate((gone, kept)):
            body = orjson.dumps({"sources": [{"source_id": file["id"], "title": file["name"]}]})
            cursor.execute(park, (str(number), body))
    assert api.call("DELETE", f"/api/files/{gone['id']}").status_code == 204
    assert rows("select event_id from parked") == [("1",)]


def test_a_proposal_that_arrives_after_its_file_was_deleted_shows_no_steps(api: Api, inside: Inside) -> None:
    file, ticket = api.stored(b"Open the VPN client.", "vpn.txt"), api.create()
    api.call("DELETE", f"/api/files/{file['id']}")
    propose(inside, ticket, 1, sources=rest_on(file))
    assert shown(api, ticket) == ([], 0.0, "extractive")


def test_a_newer_proposal_rests_on_its_own_files_alone(api: Api, inside: Inside) -> None:
    first, second = api.stored(b"Open the VPN client.", "vpn.txt"), api.stored(b"Or so.", "else.txt")
    ticket = api.create()
    propose(inside, ticket, 1, sources=rest_on(first))
    propose(inside, ticket, 2, sources=rest_on(second))
    api.call("DELETE", f"/api/files/{first['id']}")
    assert shown(api, ticket)[0] == STEPS
    api.call("DELETE", f"/api/files/{second['id']}")
    assert shown(api, ticket)[0] == []
