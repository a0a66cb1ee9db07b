"""The restrictions of the parsing process, tried in a sandboxed process."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

TRIED = {
    "a socket": "import socket; socket.socket()",
    "a pair of sockets": "import socket; socket.socketpair()",
    "another process": "os.fork()",
    "a program": "os.execv('/bin/sh', ['sh', '-c', 'echo done'])",
    "a thread": "import threading; threading.Thread(target=int).start()",
    "to write a file": "open({file!r}, 'a')",
    "to make a file": "open({file!r} + '2', 'x')",
    "to remove a file": "os.unlink({file!r})",
    "to rename a file": "os.rename({file!r}, {file!r} + '3')",
    "to make a folder": "os.mkdir({file!r} + '4')",
    "to signal its parent": "os.kill(os.getppid(), 0)",
    "more memory": "bytearray(900 << 20)",
    "more time": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (900, 900))",
}
BEHIND = """
import os, sys
from rag_service.adapters.parsing import sandbox
standing = sandbox.enter_sandbox(20, 768, os.getppid())
try:
    {tried}
except (OSError, MemoryError, RuntimeError, ValueError) as error:
    print(*standing, type(error).__name__)
else:
    print(*standing, "done")
"""


def tried(what: str) -> list[str]:
    script = BEHIND.replace("{tried}", what)
    ended = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    return ended.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")
@pytest.mark.parametrize("what", TRIED)
def test_the_sandbox_holds(what: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("content")
    *standing, outcome = tried(TRIED[what].format(file=str(file)))
    assert "seccomp" in standing
    assert outcome in ("PermissionError", "MemoryError", "RuntimeError")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "content"


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")
def test_where_memory_runs_out_the_parser_is_ended_first() -> None:
    script = (
        "import os; from rag_service.adapters.parsing import sandbox; "
        "sandbox.enter_sandbox(20, 768, os.getppid()); input()"
    )
    with subprocess.Popen([sys.executable, "-I", "-c", script], stdin=subprocess.PIPE) as process:
        score = Path(f"/proc/{process.pid}/oom_score_adj")
        ends = time.monotonic() + 180
        while score.read_text() != "1000\n":
            assert time.monotonic() < ends
            time.sleep(0.02)
        process.communicate(b"\n")


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")
def test_no_file_but_pythons_own_is_read_where_landlock_is(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("content")
    *standing, outcome = tried(f"open({str(file)!r}).read()")
    if "landlock" not in standing:
        pytest.skip("this kernel has no Landlock")
    assert outcome == "PermissionError"
    assert tried("import colorsys")[-1] == "done"


def test_a_process_whose_parent_is_gone_ends_at_once() -> None:
    script = "from rag_service.adapters.parsing import sandbox; sandbox.enter_sandbox(20, 768, 1234567); print('on')"
    ended = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
