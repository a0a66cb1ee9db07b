"""Bells and wakers: quick where they can be, harmless where they can't."""

import time
from pathlib import Path

from service_kit.messaging.wake import Bell, Waker, socket_path


def test_a_waker_rings_the_bell_that_hangs_out(tmp_path: Path) -> None:
    path = tmp_path / "relay.sock"
    bell, waker = Bell(path), Waker(path)
    waker.wake()  # nobody listens yet
    assert not bell.wait(0)
    bell.hang_out()
    waker.wake()
    assert bell.wait(60)
    assert not bell.wait(0)
    bell.close()
    waker.close()


def test_who_takes_over_is_woken_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "relay.sock"
    first, second, waker = Bell(path), Bell(path), Waker(path)
    first.hang_out()
    waker.wake()
    second.hang_out()
    waker.wake()
    assert second.wait(60)
    for each in (first, second, waker):
        each.close()


def test_many_rings_neither_block_nor_count_more_than_once(tmp_path: Path) -> None:
    path = tmp_path / "relay.sock"
    bell, waker = Bell(path), Waker(path)
    bell.hang_out()
    began = time.monotonic()
    for _ in range(2_000):
        waker.wake()
        bell.ring()
    assert time.monotonic() - began < 30
    assert bell.wait(60)
    assert not bell.wait(0)
    bell.close()
    waker.close()


def test_where_the_folder_can_t_be_used_waking_in_process_still_works(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "relay.sock", tmp_path / ("x" * 200), None):
        bell = Bell(path)
        bell.hang_out()
        bell.ring()
        assert bell.wait(60)
        bell.close()


def test_after_a_close_nothing_raises(tmp_path: Path) -> None:
    bell, waker = Bell(tmp_path / "relay.sock"), Waker(tmp_path / "relay.sock")
    bell.hang_out()
    bell.close()
    bell.ring()
    waker.wake()
    waker.close()


def test_a_relay_s_socket_is_named_after_service_and_database_and_not_after_the_role() -> None:
    app = socket_path("/run", "shop", "postgresql://app:secret@db:5432/smartticket")
    assert app == socket_path("/run", "shop", "postgresql://owner@db:5432/smartticket")
    assert app != socket_path("/run", "shop", "postgresql://app@db:5432/other")
    assert app != socket_path("/run", "store", "postgresql://app@db:5432/smartticket")
    assert "secret" not in str(app)
