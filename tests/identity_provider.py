"""A small OpenID provider on this machine, with real signatures; each test can make it hostile in one way."""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import orjson
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

CLIENT_ID = "smart-ticket"
CLIENT_SECRET = "a secret & with + signs / of 32 b"

Handler = BaseHTTPRequestHandler
Behaviour = Callable[[Handler], None]
Claims = dict[str, Any]


def new_key(kid: str, kind: str = "RSA") -> RSAKey | ECKey:
    """Return a private key with that `kid`."""
    if kind == "EC":
        return ECKey.generate_key("P-256", {"kid": kid}, private=True)
    return RSAKey.generate_key(2048, {"kid": kid}, private=True)


def signed(header: dict[str, Any], claims: Claims | bytes, key: Any) -> str:
    """Return a compact token; `claims` may be any bytes."""
    payload = claims if isinstance(claims, bytes) else orjson.dumps(claims)
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jws.serialize_compact(header, payload, key, algorithms=[header["alg"]], registry=registry)


def unsigned(header: dict[str, Any], claims: Claims, signature: str = "") -> str:
    """Return a token with a signature that no key made."""
    return f"{_base64(orjson.dumps(header))}.{_base64(orjson.dumps(claims))}.{signature}"


def public(key: RSAKey | ECKey, **more: Any) -> dict[str, Any]:
    """Return the public JWK of a key."""
    return {**key.as_dict(private=False), "kid": key.kid, **more}


def half_hash(access_token: str) -> str:
    """Return the `at_hash` of an access token for a signature with SHA-256."""
    return _base64(hashlib.sha256(access_token.encode()).digest()[:16])


def hmac_with_public_key(header: dict[str, Any], claims: Claims, key: RSAKey) -> str:
    """Return a token that is signed by HMAC with the text of the public key."""
    signing_input = unsigned({**header, "alg": "HS256"}, claims)[:-1]
    digest = hmac.digest(key.as_pem(private=False), signing_input.encode(), hashlib.sha256)
    return f"{signing_input}.{_base64(digest)}"


class Server(ThreadingHTTPServer):
    """A client that leaves early is part of these tests."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Print nothing."""


@dataclass
class Grant:
    """A code that the provider gave to a browser."""

    nonce: str
    challenge: str
    redirect_uri: str
    used: bool = False


@dataclass
class Provider:
    """An OpenID provider; `person` is who signs in next."""

    key: RSAKey | ECKey
    person: Claims = field(default_factory=dict)
    secret: str | None = CLIENT_SECRET
    algorithm: str = "RS256"
    discovery: Claims = field(default_factory=dict)
    """What the discovery document says instead; None leaves a name out."""
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    """What a path does instead of answering."""
    make_token: Callable[[Claims], str] | None = None
    """Makes the ID token instead."""
    more: Claims = field(default_factory=dict)
    """Further fields of the token response."""
    keys: list[dict[str, Any]] | None = None
    """The published keys instead of the signing one."""
    requests: list[str] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        provider = self

        class Served(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._serve(self)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        self.server = Server(("127.0.0.1", 0), Served)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/realms/staff"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()

    def authorize(self, url: str) -> dict[str, str]:
        """Sign the person in at the authorization endpoint; return the query that the browser brings back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}
        assert url.startswith(f"{self.issuer}/auth?")
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_urlsafe(16)
        self.grants[code] = Grant(query["nonce"], query["code_challenge"], query["redirect_uri"])
        return {"state": query["state"], "code": code, "session_state": "of the provider"}

    def claims(self, nonce: str, **more: Any) -> Claims:
        """Return the claims of the person for a sign-in of now."""
        now = int(time.time())
        base = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": nonce}
        return base | {"sub": "248289761001"} | self.person | more

    def token(self, claims: Claims, **header: Any) -> str:
        """Return a signed token."""
        return signed({"alg": self.algorithm, "kid": self.key.kid, **header}, claims, self.key)

    def _serve(self, handler: Handler) -> None:
        path = urlsplit(handler.path).path
        self.requests.append(path)
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length).decode()
        behaviour = self.behaviours.get(path.rpartition("/")[2])
        if behaviour is not None:
            behaviour(handler)
        elif path == "/realms/staff/.well-known/openid-configuration":
            answer(handler, 200, self._document())
        elif path == "/realms/staff/certs":
            answer(handler, 200, {"keys": [public(self.key)] if self.keys is None else self.keys})
        elif path == "/realms/staff/token":
            answer(handler, *self._redeem(handler, body))
        else:
            answer(handler, 404, {})

    def _document(self) -> Claims:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/certs",
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
        }
        return {name: value for name, value in (document | self.discovery).items() if value is not None}

    def _redeem(self, handler: Handler, body: str) -> tuple[int, Claims]:
        form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
        if not self._is_client(handler, form):
            return 401, {"error": "invalid_client"}
        grant = self.grants.get(form["code"])
        challenge = _base64(hashlib.sha256(form["code_verifier"].encode()).digest())
        good = grant is not None and not grant.used and grant.challenge == challenge
        if grant is None or not good or form["redirect_uri"] != grant.redirect_uri:
            return 400, {"error": "invalid_grant"}
        grant.used = True
        claims = self.claims(grant.nonce)
        id_token = self.make_token(claims) if self.make_token else self.token(claims)
        return 200, {"access_token": "at-1", "token_type": "Bearer", "id_token": id_token} | self.more

    def _is_client(self, handler: Handler, form: Claims) -> bool:
        if self.secret is None:
            return "Authorization" not in handler.headers and form["client_id"] == CLIENT_ID
        if "client_secret" in form:
            return form["client_secret"] == self.secret
        sent = base64.b64decode(handler.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        return [unquote_plus(part) for part in sent.split(":", 1)] == [CLIENT_ID, self.secret]


def answer(handler: Handler, status: int, body: Claims | bytes, **headers: str) -> None:
    """Answer a request; a client that has left is no error."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    try:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)
    except OSError:
        pass


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
