"""Calls to providers outside development mode."""

import socket
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from auth_service.adapters.provider_http import Limits, ProviderFaulty, ProviderHttp, ProviderUnavailable

LIMITS = Limits(deadline_seconds=2, max_bytes=1000, max_calls=2, allowed_networks=(), development=False)


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name resolve to these addresses."""
    places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)


def call(url: str = "https://idp.example/x") -> Any:
    return ProviderHttp(LIMITS).call("GET", url, until=time.monotonic() + 2)


@pytest.mark.parametrize("addresses", [["10.0.0.7"], ["169.254.169.254"], ["127.0.0.1"], ["93.184.216.34", "10.0.0.7"]])
def test_a_name_of_a_private_address_is_never_connected_to(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    resolving_to(monkeypatch, *addresses)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("connected"))
    with pytest.raises(ProviderFaulty) as raised:
        call()
    assert "SSO_ALLOWED_NETWORKS" in raised.value.reason
    assert "10.0.0.7" not in str(raised.value)


def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: a second look-up would give another address."""
    resolving_to(monkeypatch, "93.184.216.34")
    connected = []

    def connect(_socket: socket.socket, place: Any) -> None:
        connected.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(ProviderUnavailable):
        call()
    assert connected == [("93.184.216.34", 443)]


@pytest.mark.parametrize(
    "url", ["http://idp.example/x", "http://localhost/x", "http://127.0.0.1/x", "file:///etc/passwd"]
)
def test_only_https_outside_development(url: str) -> None:
    with pytest.raises(ProviderFaulty):
        call(url)


def test_an_unknown_name_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(ProviderUnavailable):
        call()


def test_a_call_to_a_provider_whose_name_is_not_resolved_ends_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def stand_still(host: str, *_: Any, **__: Any) -> Any:
        if host.startswith("still"):
            assert released.wait(60)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", stand_still)
    provider = ProviderHttp(replace(LIMITS, max_calls=1))
    begun = time.monotonic()
    with pytest.raises(ProviderUnavailable) as raised:
        provider.call("GET", "https://still.example/token", until=begun + 0.3)
    assert time.monotonic() - begun < 30
    assert raised.value.reason == "still.example is not resolved in time"
    # The slot for calls is free again, although the look-up still runs.
    with pytest.raises(ProviderUnavailable) as raised:
        provider.call("GET", "https://unknown.example/token", until=time.monotonic() + 60)
    assert raised.value.reason == "unknown.example can't be resolved"
    released.set()
