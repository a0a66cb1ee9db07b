"""AMS and BMS as servers in this process, with the faults that partners have."""

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RESERVED = {"reservation_id": "R-1", "status": "reserved", "valid_until": "2027-02-28T00:00:00Z", "colour": "grey"}
GRANTED = {"approved": True, "approval_id": "P-1", "budget_line_id": "B-7", "remaining_balance": "8800.00"}
IN_USE = {"error": "The asset is in use.", "available_alternatives": ["A2", "A3"]}
OVER = {"approved": False, "reason": "over the limit", "available_amount": "100.10"}
LARGE = 10 * 1024 * 1024


@dataclass
class Call:
    """A request that a partner has received."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class FakePartner:
    """A partner that answers as `mode` says, and keeps one reservation per Idempotency-Key."""

    url: str = ""
    mode: str = "approve"
    calls: list[Call] = field(default_factory=list)
    booked: dict[str, int] = field(default_factory=dict)
    """How often each key was carried out: once, if the partner is asked rightly."""
    released: threading.Event = field(default_factory=threading.Event)
    """Ends the silence of the mode `hang`."""

    @property
    def keys(self) -> list[str]:
        """Return the Idempotency-Key of each call."""
        return [call.headers["Idempotency-Key"] for call in self.calls]

    def book(self, key: str) -> None:
        """Carry a request out, unless its key is known."""
        self.booked.setdefault(key, 1)


def _answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content_Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    with contextlib.suppress(OSError):  # the client may have read enough
        handler.wfile.write(body)


def _handler(partner: FakePartner) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            call = Call(self.path, dict(self.headers), json.loads(self.rfile.read(length)))
            partner.calls.append(call)
            key, mode = call.headers["Idempotency-Key"], partner.mode
            is_asset = self.path.startswith("/api/assets")
            if mode in ("approve", "reset after booking", "hang after booking"):
                partner.book(key)
            if mode == "approve":
                _answer(
                    self,
                    200,
                    json.dumps(RESERVED | {"asset_id": call.body["asset_id"]} if is_asset else GRANTED).encode(),
                )
            elif mode == "refuse":
                _answer(self, 400 if is_asset else 200, json.dumps(IN_USE if is_asset else OVER).encode())
            elif mode in ("hang", "hang after booking"):
                partner.released.wait(180)
            elif mode in ("reset", "reset after booking"):
                # Without waiting for what is unsent: the client sees a reset connection.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            elif mode == "half":
                _answer(self, 200, json.dumps(RESERVED).encode()[:20], Content_Length="200")
            elif mode == "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not partner.released.wait(0.05):
                    with contextlib.suppress(OSError):
                        self.wfile.write(b"x")
            elif mode == "html":
                _answer(self, 200, b"<html><h1>Welcome</h1></html>", Content_Type="text/html")
            elif mode == "large":
                _answer(self, 200, b" " * LARGE)
            elif mode == "redirect":
                _answer(self, 307, b"", Location=f"{partner.url}/elsewhere")
            else:
                _answer(self, int(mode), b"{}")

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing about clients that have gone."""


@contextmanager
def fake_partner() -> Iterator[FakePartner]:
    """Serve a partner on a port of this machine."""
    partner = FakePartner()
    server = _Server(("127.0.0.1", 0), _handler(partner))
    partner.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield partner
    finally:
        partner.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
