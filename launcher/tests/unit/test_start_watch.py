"""What people see of a start that goes wrong, or takes long."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from launcher.data_directory import DataDirectory
from launcher.start_watch import StartWatch, readable, unhealthy


def started(home: DataDirectory, program: str) -> "subprocess.Popen[bytes]":
    with home.log.open("ab") as log:
        return subprocess.Popen([sys.executable, "-u", "-c", program], stdout=log, stderr=log)


@pytest.fixture
def home(tmp_path: Path) -> DataDirectory:
    (tmp_path / "smart-ticket.log").write_text("an earlier start\n")
    return DataDirectory(tmp_path)


def test_a_process_that_ends_is_named_with_its_code_and_its_own_lines(home: DataDirectory) -> None:
    start = home.log.stat().st_size
    line = json.dumps({"event": "starting", "level": "info"})
    process = started(home, f"print({line!r}); print('PostgreSQL started'); raise SystemExit(3)")
    watch = StartWatch(home, process, start)
    assert watch.wait(lambda _step: None) == "its process ended with code 3"
    assert watch.log_lines() == ["PostgreSQL started"]


def test_the_wait_ends_without_a_further_step_and_names_the_last_one(home: DataDirectory) -> None:
    start = home.log.stat().st_size
    steps: list[str] = []
    process = started(home, "print('database up to date'); import time; time.sleep(60)")
    try:
        reason = StartWatch(home, process, start).wait(steps.append, patience=0.5)
    finally:
        process.kill()
        process.wait()
    assert reason.startswith("nothing went on for")
    assert reason.endswith(steps[-1] if steps else "the start of the process")


def test_an_unhealthy_service_is_named_with_its_reason() -> None:
    services = {
        "ai-service": {"status": "healthy"},
        "rag-service": {"status": "unhealthy", "reason": "the database does not answer"},
        "auth-service": {"status": "unreachable"},
    }
    shown = unhealthy({"status": "unhealthy", "services": services})
    assert shown == "waiting for auth-service (unreachable), rag-service (the database does not answer)"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Error: port 5000 is taken", "Error: port 5000 is taken"),
        (json.dumps({"event": "worker started", "level": "info"}), ""),
        (
            json.dumps({"event": "no model", "level": "warning", "service": "ai-service", "seconds": 3}),
            "ai-service warning no model seconds=3",
        ),
        (
            json.dumps(
                {"event": "failed", "level": "error", "logger": "x", "exception": "Traceback\n  x\nOSError: full"}
            ),
            "x error failed: OSError: full",
        ),
        ('{"event": cut off', '{"event": cut off'),
        ("{}", ""),
    ],
)
def test_lines_of_the_log_are_shown_as_people_read_them(line: str, shown: str) -> None:
    assert readable(line) == shown
