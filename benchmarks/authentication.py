"""What does authentication cost per request in the gateway? `python -m benchmarks.authentication [REQUESTS TURNS]`

The gateway runs in this process. Counted is the CPU time of the thread that handles the requests, so that the service
behind it and other programs on the machine don't count.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median, quantiles
from typing import Any, ClassVar

from api_gateway.gateway import Gateway
from api_gateway.service import SERVICE
from auth_service.adapters.access_tokens import AccessTokenSigner, new_private_jwk, public_jwk
from auth_service.usecases.api_keys import new_api_key
from service_kit.identity import ADMIN, Caller

from benchmarks.machine import median_ratio
from benchmarks.report import Row, Table

SEED = "/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4="
ADA = Caller(7, ADMIN, "user:1", "Ada", session="session-1")
PRIVATE = new_private_jwk()


class Services(BaseHTTPRequestHandler):
    """Answers as auth-service does, and an empty object for everything else."""

    protocol_version = "HTTP/1.1"
    answers: ClassVar[dict[str, dict[str, Any]]] = {
        "/.well-known/jwks.json": {"keys": [public_jwk(PRIVATE)]},
        "/internal/revocations": {"items": []},
        "/internal/api-keys/verify": {
            "company_id": 7, "role": "admin", "subject": "user:1", "name": "Exports", "scopes": ["tickets:read"],
        },
    }  # fmt: skip

    def do_GET(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(self.answers.get(self.path.partition("?")[0], {})).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self.wfile.write(head + body)  # in one piece: a second one would wait for the first one's acknowledgement

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def gateways() -> Iterator[tuple[Gateway, Gateway]]:
    """Yield a gateway that asks for tokens and one in development mode, which doesn't; nothing limits requests."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Services)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    common = {"TICKET_SERVICE_URL": url, "AUTH_SERVICE_URL": url, "RATE_LIMITS": "off", "GATEWAY_HOSTS": "desk.example"}
    made = [
        SERVICE.instance(SERVICE.read_settings({**common, **mode})).create_app()
        for mode in (
            {"SMARTTICKET_ENV": "production", "INTERNAL_SIGNING_KEY": SEED}, {"SMARTTICKET_ENV": "development"},
        )
    ]  # fmt: skip
    try:
        yield made[0], made[1]
    finally:
        for gateway in made:
            gateway.close()
        server.shutdown()
        server.server_close()


def microseconds(gateway: Gateway, credentials: Callable[[], str], requests: int) -> float:
    """Return the CPU time of a request in µs, the mean of several."""
    environ = {
        "REQUEST_METHOD": "GET", "RAW_URI": "/api/tickets/1", "REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": "5000",
        "HTTP_HOST": "localhost", "HTTP_ACCEPT": "application/json",
    }  # fmt: skip
    statuses: list[str] = []
    sent = [environ | ({"HTTP_AUTHORIZATION": f"Bearer {text}"} if (text := credentials()) else {})
            for _ in range(requests)]  # fmt: skip
    began = time.thread_time()
    for each in sent:
        b"".join(gateway(each, lambda status, _headers: statuses.append(status)))
    spent = time.thread_time() - began
    assert set(statuses) == {"200 OK"}, set(statuses)
    return 1e6 * spent / requests


def main(requests: int = 50, turns: int = 101) -> Table:
    """Send requests without and with credentials in turns; many short turns, so that both meet the same noise."""
    table = Table(f"Authentication in the gateway: CPU of a GET that it forwards, {requests:,} requests, {turns} turns")
    signer = AccessTokenSigner("smart-ticket", PRIVATE)
    key, token = new_api_key(), signer.sign(ADA)
    kinds: dict[str, Callable[[], str]] = {
        "an access token, verified before": lambda: token,
        "an access token, new with each request": lambda: signer.sign(ADA),
        "an API key, verified before": lambda: key,
    }
    with gateways() as (production, development):
        for credentials in kinds.values():
            microseconds(production, credentials, 50)
        microseconds(development, str, 50)
        pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        for _ in range(turns):
            for name, credentials in kinds.items():
                with_it = microseconds(production, credentials, requests)
                pairs[name].append((with_it, microseconds(development, str, requests)))
    for name, taken in pairs.items():
        ratio, _ = median_ratio(taken)
        low, _, high = quantiles((with_it / without for with_it, without in taken), n=4)
        ours, without = (median(each) for each in zip(*taken, strict=True))
        besides = f"{ours:.0f} against {without:.0f} µs of CPU without; half of the ratios {low:.2f}–{high:.2f}"
        table.rows.append(Row(name, f"× {ratio:.2f}", besides=besides))
    return table


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).show()
