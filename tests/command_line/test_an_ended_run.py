"""A test run that is ended takes everything with it that it started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.stack import ROOT

SECONDS = 180
RUN = """
import signal, subprocess, sys, tempfile, time
from tests.reaper import end_with_script, kill_with_us
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start what runs behind them deaf to Ctrl-C
end_with_script()
folder = tempfile.mkdtemp(dir=sys.argv[1])
program = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
server = subprocess.Popen([sys.executable, "-c", program + "time.sleep(600)"], start_new_session=True)
kill_with_us("group", server.pid)
kill_with_us("folder", folder)
print(server.pid, folder, flush=True)
time.sleep(600)
"""
POSTGRES = """
import sys, time
from pathlib import Path
from launcher.postgres import EmbeddedPostgres
from tests.reaper import kill_with_us
server = EmbeddedPostgres(Path(sys.argv[1]) / "postgresql", "only-for-tests")
server.start()
kill_with_us("postgres", server.data)
print((server.data / "postmaster.pid").read_text().splitlines()[0], server.data, flush=True)
time.sleep(600)
"""


def begin(program: str, folder: Path, **environment: str) -> "tuple[subprocess.Popen[str], int, Path]":
    run = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stdout is not None
    server, place = run.stdout.readline().split()
    return run, int(server), Path(place)


def ends(gone: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while not gone():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def dead(processes: list[psutil.Process]) -> Callable[[], bool]:
    return lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_servers_of_an_ended_run_end_with_it(number: signal.Signals, tmp_path: Path) -> None:
    run, server, folder = begin(RUN, tmp_path)
    ends(lambda: bool(psutil.Process(server).children()))
    started = [psutil.Process(server), *psutil.Process(server).children()]
    assert len(started) == 2
    run.send_signal(number)
    run.communicate(timeout=SECONDS)
    assert ends(dead(started))
    assert ends(lambda: not folder.exists())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_ends_with_the_script_that_started_it(number: signal.Signals, tmp_path: Path) -> None:
    script = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    run, server, _ = begin(RUN, tmp_path, SMARTTICKET_TEST_RUN=str(script.pid))
    started = [psutil.Process(server)]
    script.send_signal(number)
    script.wait()
    run.communicate(timeout=SECONDS)
    assert run.returncode == -signal.SIGTERM
    assert ends(dead(started))


def test_a_postgresql_of_a_killed_run_ends_with_it(tmp_path: Path) -> None:
    place = Path("/tmp") / f"st-reaped-{os.getpid()}"
    place.mkdir(mode=0o755)
    try:
        run, server, data = begin(POSTGRES, place)
        started = [psutil.Process(server), *psutil.Process(server).children()]
        assert len(started) > 1
        run.kill()
        run.communicate(timeout=SECONDS)
        assert ends(dead(started))
        assert not (data / "postmaster.pid").exists()
    finally:
        subprocess.run(["rm", "-rf", str(place)], check=False)


def test_a_run_that_ended_its_servers_itself_leaves_a_process_of_the_same_number_alone(tmp_path: Path) -> None:
    from tests.reaper import reap

    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    reap([f"group\t{other.pid}\t1.0\n"])
    assert other.poll() is None
    other.kill()
    other.wait()
