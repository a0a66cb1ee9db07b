"""The command line's client, where the system is busy or away."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import click
import pytest
from launcher.client import Gateway
from service_kit.backoff import JITTER

from launcher import client


class Busy(ThreadingHTTPServer):
    """Answers with these statuses, one after the other, and 200 when there are none left."""

    statuses: list[int]
    asked: int = 0


class Answer(BaseHTTPRequestHandler):
    server: Busy

    def do_GET(self) -> None:
        self.server.asked += 1
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.send_header("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def busy() -> Iterator[Busy]:
    with Busy(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    # `time.sleep` itself stays: threads that other tests left behind sleep, too.
    monkeypatch.setattr(client, "sleep", waited.append)
    return waited


def test_a_busy_system_is_asked_again_after_longer_and_longer_waits(busy: Busy, waits: list[float]) -> None:
    busy.statuses = [503, 429, 502]
    assert Gateway(f"http://127.0.0.1:{busy.server_port}").get_with_retry("/") == {}
    assert busy.asked == 4
    assert waits == pytest.approx([0.2, 0.4, 0.8], rel=JITTER)


def test_what_is_wrong_is_not_asked_again(busy: Busy, waits: list[float]) -> None:
    busy.statuses = [404]
    with pytest.raises(click.ClickException, match="404"):
        Gateway(f"http://127.0.0.1:{busy.server_port}").get_with_retry("/")
    assert (busy.asked, waits) == (1, [])


def test_a_system_that_stays_busy_is_given_up_with_its_reason(busy: Busy, waits: list[float]) -> None:
    busy.statuses = [503] * 20
    with pytest.raises(click.ClickException, match="503"):
        Gateway(f"http://127.0.0.1:{busy.server_port}").get_with_retry("/")
    assert (busy.asked, len(waits)) == (client.ATTEMPTS, client.ATTEMPTS - 1)


def test_a_system_that_is_away_is_tried_as_often(waits: list[float]) -> None:
    with pytest.raises(click.ClickException, match="is the system up"):
        Gateway("http://127.0.0.1:9").get_with_retry("/")
    assert len(waits) == client.ATTEMPTS - 1
