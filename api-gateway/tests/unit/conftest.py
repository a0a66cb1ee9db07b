"""An auth-service of these tests, which signs tokens and answers the gateway's questions."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from service_kit.identity import ADMIN, Caller
from service_kit.identity.access_tokens import AccessTokenSigner, new_private_jwk, public_jwk

ADA = Caller(7, ADMIN, "user:1", "Ada", session="session-1")


@dataclass
class AuthService:
    """Published keys, revocations and API keys; `server` is the service on a socket."""

    private: dict[str, Any] = field(default_factory=new_private_jwk)
    keys: list[dict[str, Any]] = field(default_factory=list)
    revoked: list[dict[str, str]] = field(default_factory=list)
    api_keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: bool = False
    server: Any = None

    def __post_init__(self) -> None:
        self.keys = [public_jwk(self.private)]

    def token(self, caller: Caller = ADA, *, seconds_ago: float = 0, **changes: Any) -> str:
        """Return an access token."""
        signer = AccessTokenSigner("smart-ticket", self.private)
        return signer.sign(replace(caller, **changes), now=time.time() - seconds_ago)

    def rotate(self) -> None:
        """Sign with a new key, which is published beside the old one."""
        self.private = new_private_jwk()
        self.keys.append(public_jwk(self.private))

    def revoke(self, kind: str, name: str, seconds_ago: float = 0) -> None:
        """Revoke a session, user or key."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago + 1))
        self.revoked.append({"kind": kind, "id": name, "revoked_at": moment})

    def asked(self, path: str) -> int:
        """Return how often the gateway asked for a path."""
        return sum(seen.target.partition("?")[0] == path for seen in self.server.seen)

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes, reply: Callable[..., None]) -> None:
        """Answer one request."""
        path = handler.path.partition("?")[0]
        if self.down:
            reply(handler, {}, 503)
        elif path == "/.well-known/jwks.json":
            reply(handler, {"keys": self.keys})
        elif path == "/internal/revocations":
            reply(handler, {"items": self.revoked})
        elif path == "/internal/api-keys/verify":
            owner = self.api_keys.get(json.loads(body)["key"])
            reply(handler, owner or {"code": "unauthorized"}, 200 if owner else 401)
        else:
            reply(handler, {"path": path, "body": body.decode()})


@pytest.fixture
def auth_service(upstream: Callable[..., Any], replied: Callable[..., None]) -> AuthService:
    """Return a running auth-service."""
    service = AuthService()
    service.server = upstream(lambda handler, body: service.answer(handler, body, replied))
    return service
