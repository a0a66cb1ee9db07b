"""Wake-up sockets save time where they work and do no harm where they don't."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from eventbus.publish.wakeup import WakeupSocket, socket_path, wake
from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader


def test_a_waker_notifies_a_bound_socket(tmp_path: Path) -> None:
    path = tmp_path / "relay.sock"
    wakeup = WakeupSocket(path)
    wake(path)  # no socket is bound yet
    assert not wakeup.receive(0)
    wakeup.bind()
    wake(path)
    assert wakeup.receive(60)
    assert not wakeup.receive(0)
    wakeup.unbind()


def test_the_socket_bound_last_is_notified(tmp_path: Path) -> None:
    path = tmp_path / "relay.sock"
    first, second = WakeupSocket(path), WakeupSocket(path)
    first.bind()
    wake(path)
    second.bind()
    wake(path)
    assert second.receive(60)
    for each in (first, second):
        each.unbind()


def test_many_notifications_neither_block_nor_count_more_than_once(tmp_path: Path) -> None:
    path = tmp_path / "relay.sock"
    wakeup = WakeupSocket(path)
    wakeup.bind()
    began = time.monotonic()
    for _ in range(2_000):
        wake(path)
    assert time.monotonic() - began < 30
    assert wakeup.receive(60)
    assert not wakeup.receive(0)
    wakeup.unbind()


def test_where_the_path_can_t_be_used_a_relay_waits_for_its_next_poll(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "relay.sock", tmp_path / ("x" * 200)):
        wakeup = WakeupSocket(path)
        wakeup.bind()
        wake(path)
        began = time.monotonic()
        assert not wakeup.receive(0.05)
        assert time.monotonic() - began >= 0.05
        wakeup.unbind()


def test_without_a_bound_socket_nothing_raises(tmp_path: Path) -> None:
    path = tmp_path / "relay.sock"
    wakeup = WakeupSocket(path)
    wakeup.bind()
    wakeup.unbind()
    wake(path)
    assert not wakeup.receive(0)


def socket_of(service: str, database_url: str) -> Path:
    reader = Reader({"SMARTTICKET_ENV": "development", "DATABASE_URL": database_url})
    return socket_path(ServiceSettings(**read_service_settings(reader, service=service, schema="shop", port=0)))


def test_a_relay_s_socket_is_named_after_service_and_database_and_not_after_the_role() -> None:
    app = socket_of("shop", "postgresql://app:secret@db:5432/smartticket")
    assert app == socket_of("shop", "postgresql://owner@db:5432/smartticket")
    assert app != socket_of("shop", "postgresql://app@db:5432/other")
    assert app != socket_of("store", "postgresql://app@db:5432/smartticket")
    assert "secret" not in str(app)


def test_a_socket_s_file_goes_with_its_relay(tmp_path: Path) -> None:
    wakeup = WakeupSocket(tmp_path / "smartticket-x-1.sock")
    wakeup.bind()
    assert list(tmp_path.iterdir())
    wakeup.unbind()
    assert list(tmp_path.iterdir()) == []


def test_a_relay_that_stands_down_leaves_the_file_of_its_successor(tmp_path: Path) -> None:
    path = tmp_path / "smartticket-x-1.sock"
    first, second = WakeupSocket(path), WakeupSocket(path)
    first.bind()
    second.bind()
    first.unbind()
    wake(path)
    assert second.receive(5)
    second.unbind()
    assert list(tmp_path.iterdir()) == []


BINDS = """
import sys, time
from pathlib import Path
from eventbus.publish.wakeup import WakeupSocket
wakeup = WakeupSocket(Path(sys.argv[1])); wakeup.bind(); print("bound", flush=True)
if sys.argv[2] == "stays": time.sleep(600)
"""


def bind_elsewhere(path: Path, how: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen([sys.executable, "-c", BINDS, str(path), how], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "bound\n"
    return process


def test_a_process_that_ends_leaves_no_socket_behind(tmp_path: Path) -> None:
    bind_elsewhere(tmp_path / "smartticket-x-1.sock", "ends").communicate(timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_the_sockets_of_killed_processes_go_with_the_next_start_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    killed = bind_elsewhere(tmp_path / "smartticket-x-1.sock", "stays")
    alive = bind_elsewhere(tmp_path / "smartticket-y-2.sock", "stays")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    (tmp_path / "smartticket-notes.txt").write_text("not a socket")
    wakeup = WakeupSocket(tmp_path / "smartticket-z-3.sock")
    wakeup.bind()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["smartticket-notes.txt", "smartticket-y-2.sock", "smartticket-z-3.sock"]
    alive.kill()
    alive.communicate()
    wakeup.unbind()


def test_a_forked_process_leaves_its_parent_s_socket_alone(tmp_path: Path) -> None:
    wakeup = WakeupSocket(tmp_path / "smartticket-x-1.sock")
    wakeup.bind()
    if not (child := os.fork()):
        wakeup.unbind()
        os._exit(0)
    os.waitpid(child, 0)
    assert list(tmp_path.iterdir())
    wakeup.unbind()
