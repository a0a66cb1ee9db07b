"""A stand-in for auth-service on a real socket: makes tokens as it does, for callers that it knows."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from notification_service.adapters.account_links import AUTH
from notification_service.settings import NAME
from service_kit.identity import HEADER, SERVICE
from service_kit.identity.tokens import TokenVerifier, public_key
from service_kit.service_settings import development_signing_key

EXPIRES_AT = "2026-11-20T10:30:00Z"


@dataclass
class AuthServer:
    """Answers with a token that counts the calls, or with `refusal`, a status and a code."""

    refusal: tuple[int, str] | None = None
    email: str = "user7@example.com"
    """The address of the account, where a call names none."""
    on_call: Callable[[], object] = field(default=lambda: None)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, company: int, body: Any) -> tuple[int, dict[str, Any]]:
        """Return the status and the body of an answer."""
        self.calls.append((path, body))
        self.on_call()
        if self.refusal is not None:
            return self.refusal[0], {"code": self.refusal[1]}
        token = f"token-{len(self.calls)}-of-company-{company}"
        return 201, {"token": token, "email": (body or {}).get("email", self.email), "expires_at": EXPIRES_AT}


@contextmanager
def auth_server() -> Iterator[AuthServer]:
    """Serve on a free port."""
    stand_in = AuthServer()
    verifier = TokenVerifier(AUTH, {NAME: public_key(development_signing_key(NAME))})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            caller = verifier.verify(self.headers[HEADER])
            assert caller.role == SERVICE
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = stand_in.answer(self.path, caller.company_id, orjson.loads(content) if content else None)
            answer = orjson.dumps(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Write no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stand_in.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield stand_in
        finally:
            server.shutdown()
            thread.join()
