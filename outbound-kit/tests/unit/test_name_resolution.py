"""A name server that stands still holds no call beyond its deadline, and no other name."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from outbound_kit.name_resolution import Resolver, ResolverBusy

PLACE = (socket.AF_INET, ("93.184.216.34", 443))
LONG_SECONDS = 60.0


class NameServer:
    """Answers names at once, but for `still` ones: these wait until the test ends."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked: list[str] = []

    def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        """Stand in for socket.getaddrinfo."""
        self.asked.append(host)
        if host.startswith("still"):
            assert self.released.wait(LONG_SECONDS * 2)
        if host.startswith("unknown"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(PLACE[0], socket.SOCK_STREAM, 6, "", PLACE[1])]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", server.getaddrinfo)
    yield server
    server.released.set()


def soon(seconds: float = LONG_SECONDS) -> float:
    return time.monotonic() + seconds


def test_a_name_is_resolved_and_an_unknown_one_is_told(names: NameServer) -> None:
    resolver = Resolver(1)
    assert resolver.resolve("idp.example", 443, until=soon()) == [PLACE]
    with pytest.raises(socket.gaierror):
        resolver.resolve("unknown.example", 443, until=soon())
    assert resolver.resolve("idp.example", 443, until=soon()) == [PLACE]


def test_a_look_up_that_stands_still_ends_at_the_deadline(names: NameServer) -> None:
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        Resolver(1).resolve("still.example", 443, until=soon(0.2))
    assert 0.2 <= time.monotonic() - begun < LONG_SECONDS / 2


def test_callers_of_one_name_share_a_look_up_and_late_ones_are_limited(names: NameServer) -> None:
    resolver = Resolver(2)
    with ThreadPoolExecutor(8) as pool:
        late = [pool.submit(resolver.resolve, "still.example", 443, until=soon(0.2)) for _ in range(8)]
        assert all(isinstance(each.exception(), TimeoutError) for each in late)
    assert names.asked == ["still.example"]
    assert resolver.resolve("idp.example", 443, until=soon()) == [PLACE], "another name is resolved meanwhile"
    with pytest.raises(TimeoutError):
        resolver.resolve("still2.example", 443, until=soon(0.01))
    with pytest.raises(ResolverBusy):
        resolver.resolve("idp.example", 443, until=soon())


def test_a_late_look_up_frees_its_place_when_it_ends(names: NameServer) -> None:
    resolver = Resolver(1)
    with pytest.raises(TimeoutError):
        resolver.resolve("still.example", 443, until=soon(0.01))
    names.released.set()
    assert resolver.resolve("still.example", 443, until=soon()) == [PLACE]
