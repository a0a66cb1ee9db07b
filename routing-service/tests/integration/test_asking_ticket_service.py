"""The adapter to ticket-service, over real HTTP against a small server with configurable responses."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep

import orjson
import pytest
from routing_service.adapters.ticket_service import AUDIENCE, TicketServiceClient
from routing_service.ports import FoundTicket, OwnerUnavailable
from service_kit.circuit_breaker import CircuitBreaker
from service_kit.http_client import ServiceClient
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
    """The server's configured response, and the requests it received."""

    status: int = 200
    body: object = field(default_factory=lambda: TICKET)
    stalls_seconds: float = 0.0
    requests: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def owner() -> Iterator[Owner]:
    server_owner = Owner()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server_owner.requests.append((self.path, self.headers[HEADER]))
            sleep(server_owner.stalls_seconds)
            body = orjson.dumps(server_owner.body)
            self.send_response(server_owner.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server_owner.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server_owner
    server.shutdown()
    thread.join()
    server.server_close()


Ask = Callable[..., FoundTicket | None]


@pytest.fixture
def find(owner: Owner) -> Iterator[Ask]:
    """Request ticket 5 of company 3."""
    opened: list[ServiceClient] = []

    def ask(deadline_seconds: float = 30.0) -> FoundTicket | None:
        neighbour = ServiceClient(AUDIENCE, f"http://127.0.0.1:{owner.port}", deadline_seconds=deadline_seconds)
        opened.append(neighbour)
        return TicketServiceClient(neighbour, TokenSigner("routing-service", KEY), "routing-service").find(3, 5)

    yield ask
    for neighbour in opened:
        neighbour.close()


def test_a_ticket_is_found_as_a_service_of_the_company(owner: Owner, find: Ask) -> None:
    assert find() == FoundTicket(uuid=str(TICKET["uuid"]), category="back", priority="high", revision=4)
    ((path, token),) = owner.requests
    assert path == "/api/tickets/5"
    caller = TokenVerifier(AUDIENCE, {"routing-service": public_key(KEY)}).verify(token)
    assert (caller.company_id, caller.role, caller.subject) == (3, SERVICE, "routing-service")


def test_only_not_found_means_that_there_is_none(owner: Owner, find: Ask) -> None:
    owner.status = 404
    assert find() is None


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_any_other_status_means_unavailable(owner: Owner, find: Ask, status: int) -> None:
    owner.status = status
    with pytest.raises(OwnerUnavailable):
        find()


@pytest.mark.parametrize("body", [[], {"id": 5}, "text", TICKET | {"revision": None}, TICKET | {"revision": "soon"}])
def test_an_invalid_body_means_unavailable(owner: Owner, find: Ask, body: object) -> None:
    owner.body = body
    with pytest.raises(OwnerUnavailable):
        find()


def test_a_timeout_means_unavailable(owner: Owner, find: Ask) -> None:
    owner.stalls_seconds = 0.5
    with pytest.raises(OwnerUnavailable):
        find(deadline_seconds=0.2)


def test_a_refused_connection_means_unavailable(owner: Owner, find: Ask) -> None:
    owner.port = 1
    with pytest.raises(OwnerUnavailable):
        find()


def test_the_breaker_opens_for_an_owner_that_keeps_failing(owner: Owner) -> None:
    owner.status = 500
    neighbour = ServiceClient(
        AUDIENCE, f"http://127.0.0.1:{owner.port}", breaker=CircuitBreaker(failures=3, open_seconds=60)
    )
    asking = TicketServiceClient(neighbour, TokenSigner("routing-service", KEY), "routing-service")
    for _ in range(6):
        with pytest.raises(OwnerUnavailable):
            asking.find(3, 5)
    assert len(owner.requests) == 3
    neighbour.close()
