"""The worker's ring reaches every HTTP process of its machine."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from service_kit.messaging.wake import Bell
from ticket_service import ringing, service
from ticket_service.ringing import MOST_NAMED, Ringer, bell_of_this_process, understand
from ticket_service.settings import Settings


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: a socket's path has room for about a hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="st-") as made:
        yield Path(made)


@pytest.fixture
def settings(folder: Path) -> Settings:
    return service.read_settings({"SMARTTICKET_ENV": "development", "RUNTIME_DIR": str(folder)})


def test_a_ring_is_heard(settings: Settings) -> None:
    ringer = Ringer(settings)
    ringer.ring({(1, 7): 2})
    bell = bell_of_this_process(settings)
    assert not bell.wait(0)
    ringer = Ringer(settings)
    ringer.ring({(1, 7): 2})
    ringer.ring({(1, 8): 1, (1, 7): 3})
    assert understand(bell.hear(5)) == {(1, 7): 3, (1, 8): 1}
    bell.close()
    ringer.ring({(1, 7): 2})


def test_what_a_killed_process_left_is_removed(settings: Settings, folder: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    alive = bell_of_this_process(settings)
    [mine] = folder.iterdir()
    left = mine.with_name(mine.name.replace(mine.stem.rpartition("-")[2], str(ended.pid)))
    killed = Bell(left)
    killed.hang_out()
    killed.close()
    Ringer(settings).ring({(1, 7): 2})
    assert alive.wait(60)
    if Path("/proc/self").exists():
        assert list(folder.iterdir()) == [mine]
    alive.close()


def test_somebody_new_is_found_after_a_while(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "LOOK_AROUND_SECONDS", 0.0)
    ringer = Ringer(settings)
    ringer.ring({(1, 7): 2})
    bell = bell_of_this_process(settings)
    ringer.ring({(1, 7): 2})
    assert bell.wait(60)
    bell.close()


def test_of_a_large_batch_is_only_told_that_it_was(settings: Settings) -> None:
    bell = bell_of_this_process(settings)
    ringer = Ringer(settings)
    largest = {(2**31 - 1, 2**63 - 1 - number): 2**31 - 1 for number in range(MOST_NAMED)}
    ringer.ring(largest)
    assert understand(bell.hear(5)) == largest
    ringer.ring({**largest, (1, 7): 1})
    assert understand(bell.hear(5)) is None
    bell.close()


@pytest.mark.parametrize("said", [b"\0", b"", b"null", b"7", b"[7]", b"[[1, 7]]", b'[[1, 7, "many"]]', b'{"a": 1}'])
def test_what_names_nothing_is_no_name(said: bytes) -> None:
    assert understand([b"[[1, 7, 1]]", said]) is None
