"""People who write by WebSocket: colleagues see it, ticket-service shows them as present, and it ends with them."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from notification_service.adapters.ticket_presence import TICKETS
from notification_service.settings import NAME
from service_kit.identity import HEADER, TokenVerifier, public_key
from service_kit.service_settings import development_signing_key

from ..conftest import Desk
from ..live_client import Live, eventually, heard

ANN, BEN, RIA = 7, 8, 9


@dataclass
class Tickets:
    """A stand-in for ticket-service that notes the presence it gets."""

    status: int = 204
    renewed: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    """Company, path and body of each call."""
    url: str = ""


@pytest.fixture
def tickets() -> Iterator[Tickets]:
    """Serve on a free port."""
    stand_in = Tickets()
    verifier = TokenVerifier(TICKETS, {NAME: public_key(development_signing_key(NAME))})

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            caller = verifier.verify(self.headers[HEADER])
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stand_in.renewed.append((caller.company_id, self.path, body))
            self.send_response(stand_in.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stand_in.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield stand_in
        server.shutdown()


def test_somebody_who_writes_is_present_at_the_ticket(start: Callable[..., Live], desk: Desk, tickets: Tickets) -> None:
    live = start(ticket_service_url=tickets.url)
    desk.deliver(desk.created(42, RIA))
    with live.socket("/ws/tickets/42", user=ANN) as ann, live.socket("/ws/tickets/42", user=BEN) as ben:
        heard(ann, "connection_established")
        heard(ben, "connection_established")
        for typing in (True, True, False):
            ann.send(json.dumps({"type": "typing", "typing": typing}))
        assert [heard(ben, "typing_indicator")["typing"] for _ in range(2)] == [True, False]
        eventually(lambda: len(tickets.renewed) == 2)
        assert tickets.renewed == [
            (1, "/internal/tickets/42/presence", {"person": "user:7", "name": "Somebody", "typing": typing})
            for typing in (True, False)
        ]


def test_a_requester_who_writes_has_no_presence(start: Callable[..., Live], desk: Desk, tickets: Tickets) -> None:
    live = start(ticket_service_url=tickets.url)
    desk.deliver(desk.created(42, RIA))
    with (
        live.socket("/ws/tickets/42", user=RIA, role="requester") as ria,
        live.socket("/ws/tickets/42", user=BEN) as ben,
    ):
        heard(ben, "connection_established")
        ria.send(json.dumps({"type": "typing", "typing": True}))
        assert heard(ben, "typing_indicator")["user"] == RIA
    assert tickets.renewed == []


def test_a_client_that_is_gone_no_longer_writes(start: Callable[..., Live], desk: Desk, tickets: Tickets) -> None:
    tickets.status = 503
    live = start(ticket_service_url=tickets.url)
    with live.socket("/ws/tickets/42", user=BEN) as ben:
        heard(ben, "connection_established")
        with live.socket("/ws/tickets/42", user=ANN) as ann:
            ann.send(json.dumps({"type": "typing", "typing": True}))
            assert heard(ben, "typing_indicator")["typing"] is True
        assert heard(ben, "typing_indicator")["typing"] is False
