"""What memory and Redis must both do when they count, and that they decide alike."""

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from api_gateway.rate_limits.memory import MemoryCounts
from api_gateway.rate_limits.redis_store import PREFIX, RedisCounts
from api_gateway.rate_limits.windows import Hit

Make = Callable[[], Any]
LONG = 10_000_000
"""Seconds of a window that doesn't end while a test runs."""


@pytest.fixture(params=["memory", "redis"])
def counts(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryCounts()
        return
    server = request.getfixturevalue("redis_server")
    with contextlib.closing(RedisCounts(server.url, seconds=60, connections=32)) as store:
        yield store


def admitted(counts: Any, *hits: Hit) -> list[bool]:
    return [standing.admitted for standing in counts.hit(hits)]


@pytest.mark.parametrize("limit", [1, 5, 100])
def test_as_many_as_the_limit_pass_and_the_standing_tells_how_many_are_left(counts: Any, limit: int) -> None:
    hit = Hit("user:7/ada", limit, LONG)
    standings = [counts.hit([hit])[0] for _ in range(limit + 3)]
    assert [standing.admitted for standing in standings] == [True] * limit + [False] * 3
    assert [standing.remaining for standing in standings] == [*range(limit - 1, -1, -1), 0, 0, 0]
    assert all(0 < standing.seconds <= 2 * LONG for standing in standings)


def test_each_key_has_its_own_count(counts: Any) -> None:
    for key in ("user:7/ada", "user:8/ada", "user:7/eve", "company:7", "company:8", "user:7/ädä \u202e", "a:b:c"):
        assert admitted(counts, Hit(key, 1, LONG)) == [True], key
        assert admitted(counts, Hit(key, 1, LONG)) == [False], key


def test_what_is_refused_counts_nowhere(counts: Any) -> None:
    address, user, company = Hit("address:a", 9, LONG), Hit("user:7/ada", 2, LONG), Hit("company:7", 4, LONG)
    assert [admitted(counts, address, user, company) for _ in range(4)] == [
        [True, True, True], [True, True, True], [True, False], [True, False],
    ]  # fmt: skip
    eve = Hit("user:7/eve", 5, LONG)
    assert [admitted(counts, eve, company) for _ in range(3)] == [[True, True], [True, True], [True, False]]
    assert counts.hit([eve])[0].remaining == 1, "a refused hit isn't counted, and the one before it is"


def test_no_count_is_lost_between_threads(counts: Any) -> None:
    hit = Hit("account:x", 150, LONG)
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda _: admitted(counts, hit)[0], range(400)))
    assert sum(outcomes) == 150


def test_redis_decides_as_memory_does_whatever_was_counted_before(redis_server: Any) -> None:
    with contextlib.closing(redis_server.client()) as client:
        store = RedisCounts(redis_server.url, seconds=60, connections=4)
        seconds, micros = client.time()
        now = seconds + micros / 1e6
        cases = itertools.product((1, 3, 10), (0, 1, 2, 9, 30), (0, 1, 3, 10), (0, 1, 2, 7), (LONG, 3 * LONG, 7 * LONG))
        for number, (limit, former, current, ago, length) in enumerate(cases):
            key, window = f"case:{number}", int(now // length) - ago
            client.hset(PREFIX + key, mapping={"window": window, "former": former, "current": current})
            memory = MemoryCounts(lambda: now)
            memory._counts[key] = (window, former, current, float("inf"))
            hits = [Hit(key, limit, length)] * 2
            ours, theirs = memory.hit(hits), store.hit(hits)
            assert [(one.admitted, one.remaining) for one in theirs] == [(one.admitted, one.remaining) for one in ours]
            for mine, other in zip(ours, theirs, strict=True):
                assert other.seconds == pytest.approx(mine.seconds, abs=length * 1e-4)
        store.close()


def test_redis_forgets_what_no_longer_counts(redis_server: Any) -> None:
    with (
        contextlib.closing(RedisCounts(redis_server.url, seconds=60, connections=4)) as store,
        contextlib.closing(redis_server.client()) as client,
    ):
        store.hit([Hit("address:a", 3, 60), Hit("user:b", 3, 1)])
        assert 60 < client.ttl(PREFIX + "address:a") <= 120
        assert 0 <= client.ttl(PREFIX + "user:b") <= 2
        assert sorted(client.scan_iter("*")) == [PREFIX + "address:a", PREFIX + "user:b"]


@pytest.mark.parametrize(
    "answer", [b"", b"-LOADING busy\r\n", b"-NOPERM no\r\n", b"-READONLY replica\r\n", b"HTTP/1.1"]
)
def test_every_failure_of_the_server_is_one_of_its_errors(redis_server: Any, closed_port: str, answer: bytes) -> None:

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        if answer:
                            connection.recv(65536)
                            connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        store = RedisCounts(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", seconds=0.5, connections=4)
        with contextlib.closing(store), pytest.raises(store.errors):
            store.hit([Hit("a", 1, 1)])
