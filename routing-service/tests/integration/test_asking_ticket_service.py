"""The adapter to ticket-service, over real HTTP against a small server that answers as told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep

import orjson
import pytest
from routing_service.adapters.ticket_service import AUDIENCE, TicketService
from routing_service.ports import CantKnow, FoundTicket
from service_kit.calls import Breaker, Neighbour
from service_kit.identity import HEADER, SERVICE, TokenSigner, TokenVerifier, public_key
from service_kit.service_settings import development_signing_key

KEY = development_signing_key("routing-service")
TICKET = {
    "id": 5,
    "uuid": "7d444840-9dc0-51d1-b245-5ffdce74fad2",
    "category": "back",
    "priority": "high",
    "revision": 4,
}


@dataclass
class Owner:
    """What the server answers, and what it was asked."""

    status: int = 200
    body: object = field(default_factory=lambda: TICKET)
    stalls_seconds: float = 0.0
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def owner() -> Iterator[Owner]:
    told = Owner()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told.asked.append((self.path, self.headers[HEADER]))
            sleep(told.stalls_seconds)
            body = orjson.dumps(told.body)
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    told.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


Ask = Callable[..., FoundTicket | None]


@pytest.fixture
def find(owner: Owner) -> Iterator[Ask]:
    """Ask the owner for ticket 5 of company 3."""
    opened: list[Neighbour] = []

    def ask(deadline_seconds: float = 30.0) -> FoundTicket | None:
        neighbour = Neighbour(AUDIENCE, f"http://127.0.0.1:{owner.port}", deadline_seconds=deadline_seconds)
        opened.append(neighbour)
        return TicketService(neighbour, TokenSigner("routing-service", KEY), "routing-service").find(3, 5)

    yield ask
    for neighbour in opened:
        neighbour.close()


def test_a_ticket_is_found_as_a_service_of_the_company(owner: Owner, find: Ask) -> None:
    assert find() == FoundTicket(uuid=str(TICKET["uuid"]), category="back", priority="high", revision=4)
    ((path, token),) = owner.asked
    assert path == "/api/tickets/5"
    caller = TokenVerifier(AUDIENCE, {"routing-service": public_key(KEY)}).verify(token)
    assert (caller.company_id, caller.role, caller.subject) == (3, SERVICE, "routing-service")


def test_only_not_found_means_that_there_is_none(owner: Owner, find: Ask) -> None:
    owner.status = 404
    assert find() is None


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_any_other_answer_leaves_the_question_open(owner: Owner, find: Ask, status: int) -> None:
    owner.status = status
    with pytest.raises(CantKnow):
        find()


@pytest.mark.parametrize("body", [[], {"id": 5}, "text", TICKET | {"revision": None}, TICKET | {"revision": "soon"}])
def test_an_answer_that_makes_no_sense_leaves_the_question_open(owner: Owner, find: Ask, body: object) -> None:
    owner.body = body
    with pytest.raises(CantKnow):
        find()


def test_no_answer_in_time_leaves_the_question_open(owner: Owner, find: Ask) -> None:
    owner.stalls_seconds = 0.5
    with pytest.raises(CantKnow):
        find(deadline_seconds=0.2)


def test_nobody_there_leaves_the_question_open(owner: Owner, find: Ask) -> None:
    owner.port = 1
    with pytest.raises(CantKnow):
        find()


def test_an_owner_that_keeps_failing_is_left_alone(owner: Owner) -> None:
    owner.status = 503
    neighbour = Neighbour(AUDIENCE, f"http://127.0.0.1:{owner.port}", breaker=Breaker(failures=3, open_seconds=60))
    asking = TicketService(neighbour, TokenSigner("routing-service", KEY), "routing-service")
    for _ in range(6):
        with pytest.raises(CantKnow):
            asking.find(3, 5)
    assert len(owner.asked) == 3
    neighbour.close()
