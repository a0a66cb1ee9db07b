"""AMS and BMS on a port of this machine: asked, they don't decide yet, and they answer later by a signed callback."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

UNDECIDED = (200, {"status": "pending"})
OVERLOADED = (503, {})
"""BMS has no word for a decision that takes its time."""


@dataclass
class Partners:
    """Both partners; `asked` has the Idempotency-Key and the body of every call, by the partner's path."""

    url: str = ""
    asked: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=lambda: {"assets": [], "budget": []})
    keys: dict[str, bytes] = field(default_factory=lambda: {each: secrets.token_bytes(32) for each in ("ams", "bms")})
    """The keys by which they sign, by name."""

    def settings(self) -> dict[str, str]:
        """Return the settings of workflow-service that name them."""
        signing = {name: f"whsec_{base64.b64encode(key).decode()}" for name, key in self.keys.items()}
        return {
            "AMS_URL": self.url, "AMS_API_KEY": "key-of-the-desk", "AMS_WEBHOOK_SECRET": signing["ams"],
            "BMS_URL": self.url, "BMS_TOKEN": "token-of-the-desk", "BMS_WEBHOOK_SECRET": signing["bms"],
        }  # fmt: skip

    def call_back(
        self, gateway: str, partner: str, request: str, answer: dict[str, Any], *, key: bytes | None = None
    ) -> requests.Response:
        """Send a partner's answer to the gateway, signed by its key or by another one."""
        body, name, now = json.dumps({"request": request, "answer": answer}).encode(), "msg_1", str(int(time.time()))
        signature = hmac.digest(key or self.keys[partner], f"{name}.{now}.".encode() + body, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": now,
            "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
        }
        return requests.post(f"{gateway}/webhooks/partners/{partner}", body, headers=headers, timeout=60)


@contextmanager
def partner_stubs() -> Iterator[Partners]:
    """Serve both."""
    partners = Partners()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kind = "assets" if "/assets/" in self.path else "budget"
            partners.asked[kind].append((self.headers["Idempotency-Key"], body))
            status, answer = UNDECIDED if kind == "assets" else OVERLOADED
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        partners.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield partners
        finally:
            server.shutdown()
