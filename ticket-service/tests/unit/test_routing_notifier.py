"""The worker's notifications reach every HTTP process of its machine."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from eventbus.publish.wakeup import WakeupSocket
from ticket_service import service
from ticket_service.adapters import routing_notifier
from ticket_service.adapters.routing_notifier import (
    MAX_TICKETS_PER_DATAGRAM,
    RoutingNotifier,
    open_wakeup_socket,
    parse_notifications,
)
from ticket_service.settings import Settings


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: a socket's path has room for about a hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="st-") as made:
        yield Path(made)


@pytest.fixture
def settings(folder: Path) -> Settings:
    return service.SERVICE.read_settings({"SMARTTICKET_ENV": "development", "RUNTIME_DIR": str(folder)})


def test_notifications_reach_an_open_socket(settings: Settings) -> None:
    notifier = RoutingNotifier(settings)
    notifier.notify({(1, 7): 2})
    wakeup = open_wakeup_socket(settings)
    assert not wakeup.receive(0)
    notifier = RoutingNotifier(settings)
    notifier.notify({(1, 7): 2})
    notifier.notify({(1, 8): 1, (1, 7): 3})
    assert parse_notifications(wakeup.receive(5)) == {(1, 7): 3, (1, 8): 1}
    wakeup.unbind()
    notifier.notify({(1, 7): 2})


def test_the_socket_of_a_killed_process_is_removed(settings: Settings, folder: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    alive = open_wakeup_socket(settings)
    [mine] = folder.iterdir()
    left = mine.with_name(mine.name.replace(mine.stem.rpartition("-")[2], str(ended.pid)))
    killed = WakeupSocket(left)
    killed.bind()
    killed.unbind()
    RoutingNotifier(settings).notify({(1, 7): 2})
    assert alive.receive(60)
    if Path("/proc/self").exists():
        assert list(folder.iterdir()) == [mine]
    alive.unbind()


def test_a_new_process_is_found_at_the_next_scan(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing_notifier, "SOCKET_SCAN_SECONDS", 0.0)
    notifier = RoutingNotifier(settings)
    notifier.notify({(1, 7): 2})
    wakeup = open_wakeup_socket(settings)
    notifier.notify({(1, 7): 2})
    assert wakeup.receive(60)
    wakeup.unbind()


def test_a_large_batch_is_sent_without_its_tickets(settings: Settings) -> None:
    wakeup = open_wakeup_socket(settings)
    notifier = RoutingNotifier(settings)
    largest = {(2**31 - 1, 2**63 - 1 - number): 2**31 - 1 for number in range(MAX_TICKETS_PER_DATAGRAM)}
    notifier.notify(largest)
    assert parse_notifications(wakeup.receive(5)) == largest
    notifier.notify({**largest, (1, 7): 1})
    assert parse_notifications(wakeup.receive(5)) is None
    wakeup.unbind()


@pytest.mark.parametrize("datagram", [b"\0", b"", b"null", b"7", b"[7]", b"[[1, 7]]", b'[[1, 7, "many"]]', b'{"a": 1}'])
def test_a_datagram_without_tickets_makes_the_result_unknown(datagram: bytes) -> None:
    assert parse_notifications([b"[[1, 7, 1]]", datagram]) is None
