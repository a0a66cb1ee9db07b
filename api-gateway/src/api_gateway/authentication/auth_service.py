"""The questions that the gateway asks auth-service."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from service_kit.http.problems import Unavailable
from service_kit.http_client import UpstreamResponse, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import CHALLENGE, HEADER, SERVICE, Caller

from api_gateway.authentication.revocations import Revocation
from api_gateway.settings import NAME
from api_gateway.upstreams import Upstreams

AUTH_SERVICE = "auth-service"
VERIFY_SECONDS = 2.0
MAX_KEY_SET_BYTES = 64 * 1024


class AuthServiceFailed(Exception):
    """auth-service gave no answer that can be used; the message says why."""


class AuthService:
    """Asks auth-service as the gateway itself."""

    def __init__(self, upstreams: Upstreams, sign: Callable[[Caller, str], str], company_id: int) -> None:
        """`sign` returns the internal token of a caller for an audience; `company_id` is the operator's company."""
        self._upstream = upstreams.find(AUTH_SERVICE)
        self._sign = sign
        self._caller = Caller(company_id, SERVICE, NAME, "API gateway")

    def key_set(self) -> Mapping[str, Any]:
        """Return the JSON Web Key Set; raise AuthServiceFailed."""
        response = self._check("/.well-known/jwks.json")
        if len(response.body) > MAX_KEY_SET_BYTES:
            raise AuthServiceFailed("the key set is too large")
        keys = _json(response)
        # An empty set would refuse everybody, so it doesn't replace a good one.
        if not isinstance(keys, dict) or not isinstance(keys.get("keys"), list) or not keys["keys"]:
            raise AuthServiceFailed("the answer is no key set")
        return keys

    def revocations(self, since: float) -> list[Revocation]:
        """Return what was revoked since a moment in unix seconds; raise AuthServiceFailed."""
        moment = datetime.fromtimestamp(since, UTC).isoformat().replace("+00:00", "Z")
        body = _json(self._check("/internal/revocations", {"since": moment}))
        try:
            return [
                Revocation(item["kind"], item["id"], datetime.fromisoformat(item["revoked_at"]).timestamp())
                for item in body["items"]
            ]
        except (TypeError, KeyError, ValueError) as error:
            raise AuthServiceFailed("the answer is no list of revocations") from error

    def verify_key(self, key: str) -> Mapping[str, Any] | None:
        """Return the owner of an API key as auth-service describes it, None for an invalid key.

        Raises Unavailable (503) if auth-service doesn't answer.
        """
        upstream = self._upstream
        if upstream is None:
            raise unavailable()
        headers = self._headers() | {"Content-Type": "application/json"}
        try:
            with upstream.bulkhead.slot(upstream.name):
                response = upstream.calls.request(
                    "POST",
                    "/internal/api-keys/verify",
                    headers=headers,
                    body=orjson.dumps({"key": key}),
                    deadline_seconds=VERIFY_SECONDS,
                )
        except (UpstreamUnavailable, UpstreamTimeout) as error:
            raise unavailable() from error
        if response.status in (401, 404) and response.header("WWW-Authenticate") != CHALLENGE:
            return None
        if response.status != 200:
            raise unavailable()
        owner: Mapping[str, Any] = orjson.loads(response.body)
        return owner

    def _check(self, path: str, query: Mapping[str, str] | None = None) -> UpstreamResponse:
        if self._upstream is None:
            raise AuthServiceFailed("auth-service is not deployed")
        try:
            response = self._upstream.checks.request("GET", path, headers=self._headers(), query=query or "")
        except (UpstreamUnavailable, UpstreamTimeout) as error:
            raise AuthServiceFailed(str(error)) from error
        if response.status != 200:
            raise AuthServiceFailed(f"it answers {response.status}")
        return response

    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json", HEADER: self._sign(self._caller, AUTH_SERVICE)}


def unavailable() -> Unavailable:
    """Return the error for a token that nobody can verify at the moment: 503, since the client can't mend it."""
    return Unavailable("Tokens can't be verified at the moment.", retry_after=1, code="upstream_down")


def _json(response: UpstreamResponse) -> Any:
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError as error:
        raise AuthServiceFailed("the answer is no JSON") from error
