"""Asks identity providers for their endpoints, their keys, and the tokens for a code.

Endpoints and keys are kept for an hour. When a provider is down, the old ones serve for a day.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from cachetools import LRUCache
from service_kit.telemetry.logs import get_logger

from auth_service.adapters.id_tokens import Expected, UnknownKey, usable_keys, verify
from auth_service.adapters.provider_http import ProviderFaulty, ProviderHttp, ProviderUnavailable
from auth_service.domain.sign_in import NotVerified, ProviderRefused
from auth_service.domain.sso_connection import endpoint_fault

DISCOVERY = "/.well-known/openid-configuration"
KEEP_SECONDS = 3600.0
KEEP_WHEN_DOWN_SECONDS = 86_400.0
REFETCH_SECONDS = 30.0
"""A token with an unknown `kid` lets the keys be fetched again, at most this often: forged ones can't cause more."""
MAX_ISSUERS = 1000

log = get_logger(__name__)


@dataclass(frozen=True)
class Endpoints:
    """The addresses of a provider, from its discovery document."""

    authorization: str
    token: str
    keys: str
    secret_in_body: bool
    """Whether the client's secret is sent in the body; by default it is in the header `Authorization`."""
    names_issuer: bool
    """Whether the provider adds its issuer to what the browser brings back (RFC 9207)."""


@dataclass(frozen=True)
class Client:
    """This system as a client of a provider."""

    issuer: str
    client_id: str
    secret: str | None = field(repr=False)


@dataclass
class _Kept:
    endpoints: Endpoints
    at: float
    keys: Sequence[Mapping[str, Any]] | None = None
    keys_at: float = 0.0


class Providers:
    """The providers of all companies; threads share it. Never call it inside a transaction."""

    def __init__(self, calls: ProviderHttp) -> None:
        self._calls = calls
        self._kept: LRUCache[str, _Kept] = LRUCache(MAX_ISSUERS)
        self._lock = threading.Lock()

    def deadline(self) -> float:
        """Return until when the calls of one step of a sign-in may go on, in the seconds of `time.monotonic`."""
        return time.monotonic() + self._calls.limits.deadline_seconds

    def endpoints(self, issuer: str, until: float) -> Endpoints:
        """Return the endpoints of a provider; raise ProviderUnavailable, ProviderFaulty."""
        return self._current(issuer, until).endpoints

    def check(self, issuer: str, until: float) -> None:
        """Fetch endpoints and keys anew; raise ProviderUnavailable, ProviderFaulty."""
        kept = self._keep(issuer, until)
        self._fetch_keys(kept, until)

    def redeem(self, client: Client, code: str, verifier: str, redirect_uri: str, until: float) -> Mapping[str, Any]:
        """Return the tokens for an authorization code; raise as `endpoints`, and ProviderRefused for a bad code."""
        endpoints = self.endpoints(client.issuer, until)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        form |= {"code_verifier": verifier, "client_id": client.client_id}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if client.secret is not None and endpoints.secret_in_body:
            form["client_secret"] = client.secret
        elif client.secret is not None:
            pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        answer = self._calls.call("POST", endpoints.token, until=until, body=urlencode(form).encode(), headers=headers)
        value = _object(answer.body)
        if answer.status == 200:
            return value
        log.warning("code refused by provider", issuer=client.issuer, status=answer.status, error=_short(value))
        if value.get("error") == "invalid_grant":
            raise ProviderRefused
        raise ProviderFaulty(f"the token endpoint answered {answer.status} {_short(value)}")

    def claims(self, id_token: object, expected: Expected, until: float) -> dict[str, Any]:
        """Return the claims of a valid ID token; raise NotVerified, ProviderUnavailable, ProviderFaulty.

        For an unknown key the provider's keys are fetched again: it may have begun to sign with a new one.
        """
        kept = self._current(expected.issuer, until)
        if kept.keys is None or time.monotonic() - kept.keys_at > KEEP_SECONDS:
            self._renew_keys(kept, until)
        assert kept.keys is not None
        try:
            return verify(id_token, kept.keys, expected, time.time())
        except UnknownKey:
            if time.monotonic() - kept.keys_at < REFETCH_SECONDS:
                raise
        self._fetch_keys(kept, until)
        return verify(id_token, kept.keys, expected, time.time())

    def _current(self, issuer: str, until: float) -> _Kept:
        with self._lock:
            kept: _Kept | None = self._kept.get(issuer)
        age = None if kept is None else time.monotonic() - kept.at
        if kept is not None and age is not None and age < KEEP_SECONDS:
            return kept
        try:
            return self._keep(issuer, until)
        except ProviderUnavailable as error:
            if kept is None or age is None or age > KEEP_WHEN_DOWN_SECONDS:
                raise
            log.warning("provider not rediscovered", issuer=issuer, reason=error.reason)
            return kept

    def _keep(self, issuer: str, until: float) -> _Kept:
        answer = self._calls.call("GET", issuer.rstrip("/") + DISCOVERY, until=until)
        if answer.status != 200:
            raise ProviderFaulty(f"discovery answered {answer.status}")
        endpoints = self._endpoints(issuer, _object(answer.body))
        with self._lock:
            before: _Kept | None = self._kept.get(issuer)
            keys, keys_at = (before.keys, before.keys_at) if before else (None, 0.0)
            kept = self._kept[issuer] = _Kept(endpoints, time.monotonic(), keys, keys_at)
        return kept

    def _endpoints(self, issuer: str, document: Mapping[str, Any]) -> Endpoints:
        if document.get("issuer") != issuer:
            raise ProviderFaulty(f"the provider calls itself {str(document.get('issuer'))[:200]!r}, not {issuer!r}")
        found = []
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            url = document.get(name)
            fault = (
                endpoint_fault(url, development=self._calls.limits.development)
                if isinstance(url, str)
                else "Is missing."
            )
            if fault is not None:
                raise ProviderFaulty(f"{name}: {fault}")
            found.append(str(url))
        methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        in_body = isinstance(methods, list) and "client_secret_basic" not in methods
        names_issuer = document.get("authorization_response_iss_parameter_supported") is True
        return Endpoints(found[0], found[1], found[2], in_body, names_issuer)

    def _renew_keys(self, kept: _Kept, until: float) -> None:
        """Fetch the keys anew; where the provider is down, old ones go on serving for a day."""
        try:
            self._fetch_keys(kept, until)
        except ProviderUnavailable as error:
            if kept.keys is None or time.monotonic() - kept.keys_at > KEEP_WHEN_DOWN_SECONDS:
                raise
            log.warning("provider's keys not renewed", reason=error.reason)

    def _fetch_keys(self, kept: _Kept, until: float) -> None:
        """Replace the keys by those of now; a fetch that fails leaves the old ones."""
        answer = self._calls.call("GET", kept.endpoints.keys, until=until)
        if answer.status != 200:
            raise ProviderFaulty(f"the address of the keys answered {answer.status}")
        try:
            kept.keys = usable_keys(_object(answer.body))
        except NotVerified as error:
            raise ProviderFaulty(error.reason) from error
        kept.keys_at = time.monotonic()


def authorization_url(
    endpoints: Endpoints,
    client_id: str,
    *,
    redirect_uri: str,
    scopes: Sequence[str],
    state: str,
    nonce: str,
    verifier: str,
) -> str:
    """Return the address of the provider's sign-in page for one sign-in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    separator = "&" if "?" in endpoints.authorization else "?"
    return f"{endpoints.authorization}{separator}{urlencode(query)}"


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProviderFaulty("the answer is not JSON") from error
    if not isinstance(value, dict):
        raise ProviderFaulty("the answer is not a JSON object")
    return value


def _short(value: Mapping[str, Any]) -> str:
    return str(value.get("error", ""))[:100]
