"""Hostile and broken providers, called over real connections on this machine."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from auth_service.adapters import providers as module
from auth_service.adapters.id_tokens import Expected
from auth_service.adapters.provider_http import Limits, ProviderFaulty, ProviderHttp, ProviderUnavailable
from auth_service.adapters.providers import Client, Providers
from auth_service.domain.sign_in import NotVerified

from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, Behaviour, Claims, Grant, Provider, answer, new_key

DEADLINE_SECONDS = 3.0
LIMITS = Limits(DEADLINE_SECONDS, 256 * 1024, 4, (), development=True)
KEY = new_key("k1")
VERIFIER, CHALLENGE = "v", "TJRIXgwhrmxBzh3-e2v6zupato5AokdvUCCOUm9QYIA"


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider."""
    started = Provider(KEY)
    yield started
    started.close()


@pytest.fixture
def providers() -> Providers:
    """What the service knows of providers."""
    return Providers(ProviderHttp(LIMITS))


def sign_in(providers: Providers, provider: Provider, *, until: float | None = None) -> Claims:
    """Go through all steps; return the claims."""
    until = until or providers.deadline()
    providers.endpoints(provider.issuer, until)
    provider.grants["c"] = Grant("n", CHALLENGE, "https://desk.example/back")
    client = Client(provider.issuer, CLIENT_ID, CLIENT_SECRET)
    tokens = providers.redeem(client, "c", VERIFIER, "https://desk.example/back", until)
    return providers.claims(tokens["id_token"], Expected(provider.issuer, CLIENT_ID, "n", "at-1"), until)


def body(content: bytes, status: int = 200, **headers: str) -> Behaviour:
    return lambda handler: answer(handler, status, content, **headers)


def endless(handler: Any) -> None:
    """Send a byte now and then, for ever."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.05)
    except OSError:
        pass


def hanging(handler: Any) -> None:
    """Say nothing until the client leaves."""
    handler.connection.settimeout(30)
    with contextlib.suppress(OSError):
        handler.rfile.read(1)


def slow_headers(handler: Any) -> None:
    """Send headers for ever."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"X: y\r\n")
            time.sleep(0.1)
    except OSError:
        pass


def cut(handler: Any) -> None:
    """Break off within the body."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"issuer"')
    handler.close_connection = True


FAULTY: dict[str, Behaviour] = {
    "10 MB": body(b" " * 10_000_000),
    "10 MB without a length": lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 10_000_000),
    "redirect to the metadata of a cloud": body(b"", 302, Location="http://169.254.169.254/latest/meta-data"),
    "redirect to itself": body(b"", 307, Location="/realms/staff/.well-known/openid-configuration"),
    "404": body(b"{}", 404),
    "no JSON": body(b"<html>"),
    "a list": body(b"[]"),
    "deep": body(b"[" * 100_000),
    "empty": body(b""),
}
DOWN: dict[str, Behaviour] = {
    "500": body(b"Traceback (most recent call last)", 500),
    "503": body(b"{}", 503),
    "429": body(b"{}", 429),
    "cut off": cut,
    "hangs": hanging,
    "drips": endless,
    "drips headers": slow_headers,
    "no HTTP": lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n"),
}
STEPS = ("openid-configuration", "token", "certs")


def test_a_good_provider_signs_in(providers: Providers, provider: Provider) -> None:
    assert sign_in(providers, provider)["sub"] == "248289761001"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_answer_at_any_step_is_refused(providers: Providers, provider: Provider, step: str, name: str) -> None:
    provider.behaviours[step] = FAULTY[name]
    with pytest.raises(ProviderFaulty):
        sign_in(providers, provider)


@pytest.mark.parametrize(("step", "name"), [*zip(STEPS * 3, DOWN, strict=False), ("token", "hangs")])
def test_a_provider_that_is_down_or_slow_is_unavailable_by_the_deadline(
    providers: Providers, provider: Provider, step: str, name: str
) -> None:
    provider.behaviours[step] = DOWN[name]
    began = time.monotonic()
    with pytest.raises(ProviderUnavailable):
        sign_in(providers, provider)
    assert time.monotonic() - began < DEADLINE_SECONDS + 10  # a busy machine


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://accounts.google.com"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"token_endpoint": 7},
        {"token_endpoint": "http://169.254.169.254/latest/meta-data"},
        {"token_endpoint": "http://10.0.0.7/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://user@idp.example/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://idp.example/\r\nSet-Cookie: a=b"},
        {"authorization_endpoint": "http://idp.example/auth"},
    ],
    ids=str,
)
def test_a_discovery_document_names_no_other_issuer_and_no_other_kind_of_address(
    providers: Providers, provider: Provider, discovery: Claims
) -> None:
    """Also PyJWT CVE-2026-48522: keys from `file:`."""
    provider.discovery = discovery
    with pytest.raises(ProviderFaulty):
        sign_in(providers, provider)


def test_a_provider_that_fails_again_and_again_is_asked_no_more(providers: Providers, provider: Provider) -> None:
    provider.behaviours["openid-configuration"] = body(b"", 503)
    for _ in range(8):
        with pytest.raises(ProviderUnavailable):
            sign_in(providers, provider)
    assert len(provider.requests) == 5


def test_a_new_key_is_fetched_when_a_token_names_it(
    providers: Providers, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(providers, provider)
    provider.key = new_key("k2")
    asked = provider.requests.count("/realms/staff/certs")
    with pytest.raises(NotVerified):
        sign_in(providers, provider)
    assert provider.requests.count("/realms/staff/certs") == asked  # at most once in 30 seconds
    monkeypatch.setattr(module, "REFETCH_SECONDS", 0.0)
    sign_in(providers, provider)
    assert provider.requests.count("/realms/staff/certs") == asked + 1


def test_the_old_keys_serve_while_the_provider_cant_give_them(
    providers: Providers, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyJWT CVE-2026-48524: one failed fetch emptied the cache."""
    sign_in(providers, provider)
    monkeypatch.setattr(module, "KEEP_SECONDS", 0.0)
    provider.behaviours |= {"certs": body(b"", 503), "openid-configuration": body(b"", 503)}
    sign_in(providers, provider)
    monkeypatch.setattr(module, "KEEP_WHEN_DOWN_SECONDS", 0.0)
    with pytest.raises(ProviderUnavailable):
        sign_in(providers, provider)


@pytest.mark.parametrize("methods", [None, ["client_secret_post"], ["client_secret_basic", "private_key_jwt"]])
def test_the_secret_is_sent_as_the_provider_wants_it(providers: Providers, provider: Provider, methods: Any) -> None:
    provider.discovery = {"token_endpoint_auth_methods_supported": methods}
    sign_in(providers, provider)
