"""How long a client is waited for."""

import pytest
from service_kit.http import server
from service_kit.http.server import SLOWEST_BYTES_PER_SECOND, SOCKET_SECONDS, PatientUnreader


class Clock:
    """Stands still unless told."""

    now = 1_000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


class Client:
    """Sends pieces of a size, each after a while."""

    def __init__(self, clock: Clock, size: int, seconds: float) -> None:
        self.clock, self.size, self.seconds = clock, size, seconds

    def recv(self, _most: int) -> bytes:
        """Wait, then send."""
        self.clock.now += self.seconds
        return b"x" * self.size


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(server, "time", made)
    return made


def test_who_drips_is_cut_off(clock: Clock) -> None:
    reading = PatientUnreader(Client(clock, 1, 0.5))  # type: ignore[no-untyped-call]
    with pytest.raises(BlockingIOError):
        list(iter(reading.chunk, b""))
    assert clock.now - 1_000 == pytest.approx(SOCKET_SECONDS, abs=1)


def test_who_is_slow_but_goes_on_is_served(clock: Clock) -> None:
    reading = PatientUnreader(Client(clock, SLOWEST_BYTES_PER_SECOND, 0.9))  # type: ignore[no-untyped-call]
    for _ in range(100):
        reading.chunk()


def test_each_request_is_waited_for_anew_and_our_own_work_does_not_count(clock: Clock) -> None:
    reading = PatientUnreader(Client(clock, 1, SOCKET_SECONDS - 1))  # type: ignore[no-untyped-call]
    for _ in range(5):
        reading.begin()
        reading.chunk()
        clock.now += 60
