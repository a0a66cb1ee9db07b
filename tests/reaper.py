"""Ends what a test run started, however the run itself ends: a small process that outlives it by a moment.

A run that is killed can clean up nothing, and its servers are in sessions of their own, which no signal to the run
reaches. `kill_with_us(…)` registers each with this process; the end of a pipe signals the end of the run. A script uses
`python -m tests.reaper --watch PID group PID … postgres FOLDER … folder FOLDER …` instead of the pipe.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.5
QUIT_SECONDS = 5.0
KINDS = ("group", "postgres", "folder")
WATCHED = "SMARTTICKET_TEST_RUN"
"""The process of the script that runs the suites: a suite ends with it."""

_lock = threading.Lock()
_reapers: dict[int, "subprocess.Popen[str]"] = {}


def kill_with_us(kind: str, what: object) -> None:
    """Have a process group, a PostgreSQL of a data folder, or a folder removed when this process ends."""
    pipe = _reaper().stdin
    assert kind in KINDS
    assert pipe is not None
    born = _born(int(str(what))) if kind == "group" else 0.0
    with _lock, suppress(OSError):
        pipe.write(f"{kind}\t{what}\t{born}\n")
        pipe.flush()


def end_with_script() -> None:
    """End this process by SIGTERM once the script that runs the suites is gone, if one does."""
    watched = os.environ.get(WATCHED, "")
    if watched.isdigit():
        threading.Thread(target=_end_after, args=(int(watched),), name="end-with-script", daemon=True).start()


def _end_after(process: int) -> None:
    born = _born(process)
    while born and _born(process) == born:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _reaper() -> "subprocess.Popen[str]":
    with _lock:
        # A forked process gets one of its own: it may outlive this one.
        found = _reapers.get(os.getpid())
        if found is None or found.poll() is not None:
            found = _reapers[os.getpid()] = subprocess.Popen(
                [sys.executable, "-m", "tests.reaper"],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True,
            )  # fmt: skip
        return found


def main(arguments: list[str]) -> None:
    """Wait for the end of the run, then end everything that was named."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if arguments[:1] == ["--watch"]:
        watched, named = int(arguments[1]), arguments[2:]
        lines = [f"{kind}\t{what}\t{_born(int(what)) if kind == 'group' else 0.0}"
                 for kind, what in zip(named[::2], named[1::2], strict=True)]  # fmt: skip
        born = _born(watched)
        while born and _born(watched) == born:
            time.sleep(LOOK_SECONDS)
    else:
        lines = list(sys.stdin)
    reap(lines)


def reap(lines: Iterable[str]) -> None:
    """End process groups and databases, then remove folders."""
    registered = list(_parsed(lines))
    for kind, what, born in registered:
        if kind == "group":
            _kill_group(int(what), born)
        elif kind == "postgres":
            _kill_postgres(Path(what))
    for kind, what, _ in registered:
        if kind == "folder":
            shutil.rmtree(what, ignore_errors=True)


def _parsed(lines: Iterable[str]) -> Iterator[tuple[str, str, float]]:
    for line in lines:
        kind, what, born = line.rstrip("\n").split("\t")
        yield kind, what, float(born)


def _kill_group(leader: int, born: float) -> None:
    # A number is given out again only when its group has ended; then the process of that number is another one.
    if _born(leader) in (born, 0.0):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def _kill_postgres(data: Path) -> None:
    with suppress(OSError, ValueError, IndexError):
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        server, born = int(lines[0]), _born(int(lines[0]))
        if Path(lines[1]) == data and Path(f"/proc/{server}/comm").read_text(encoding="utf-8").strip() == "postgres":
            os.kill(server, signal.SIGQUIT)  # an immediate shutdown, which takes its own processes along
            deadline = time.monotonic() + QUIT_SECONDS
            while _born(server) == born and time.monotonic() < deadline:
                time.sleep(0.05)
            if _born(server) == born:
                os.kill(server, signal.SIGKILL)


def _born(process: int) -> float:
    """Return when a process began, in ticks since the machine did; 0 where there is none, or no /proc to ask."""
    try:
        # The name in parentheses may hold anything; the state is the first field after it, the start the twentieth.
        rest = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return 0.0 if rest[0] in "ZX" else float(rest[19])


if __name__ == "__main__":
    main(sys.argv[1:])
