"""A worker that is killed again and again finishes every job, and no item is lost or repeated."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eventbus.testing.rabbitmq import temporary_vhost
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import DRAFT, Api
from .steps import start
from .test_worker import eventually

pytestmark = [pytest.mark.rabbitmq, pytest.mark.slow]

Rows = Callable[..., list[tuple[Any, ...]]]
PROGRAM = Path(__file__).resolve().parents[2] / "src" / "app.py"
KILLS = 4


@pytest.fixture
def worker(
    made: ServiceDatabase, api: Api, rabbitmq_url: str, files_dir: Path, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Give a function that starts the service's worker as a process."""
    started: list[subprocess.Popen[bytes]] = []

    def launch() -> subprocess.Popen[bytes]:
        environment = {
            "SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url,
            "RABBITMQ_URL": vhost, "RUNTIME_DIR": str(tmp_path), "FILES_DIR": str(files_dir),
            "SMARTTICKET_SERVICES": "ticket-service", "ROLE": "worker", "PORT": "0", "PATH": os.environ["PATH"],
        }  # fmt: skip
        with (tmp_path / "log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, str(PROGRAM)], env=environment, stdout=log, stderr=log, start_new_session=True
                )
            )
        return started[-1]

    # A virtual host of its own: what is published here would fill the queues of other tests.
    with temporary_vhost(rabbitmq_url) as vhost:
        yield launch
        for process in started:
            if process.poll() is None:
                kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def test_a_killed_worker_loses_and_repeats_no_item(
    api: Api, worker: Callable[[], subprocess.Popen[bytes]], rows: Rows
) -> None:
    other = Api(api.client, company=2)
    tickets = [DRAFT | {"title": f"T{number}"} for number in range(600)]
    created = [start(api, "POST", {"tickets": tickets}), start(other, "POST", {"tickets": tickets})]

    def processed() -> int:
        return int(rows("select coalesce(sum(succeeded + failed), 0) from jobs")[0][0])

    for _ in range(KILLS):
        process, before = worker(), processed()
        eventually(lambda before=before: processed() > before)  # type: ignore[misc]
        assert process.poll() is None
        kill(process)
    assert processed() < 1200, "the kills came before the end"
    worker()
    eventually(lambda: rows("select count(*) from jobs where state = 'done'") == [(2,)])
    for caller, job_id in zip((api, other), created, strict=True):
        items = caller.every(f"/api/jobs/{job_id}?limit=100")
        assert [item["status"] for item in items] == ["succeeded"] * 600
        assert len({item["ticket_id"] for item in items}) == 600
    assert rows("select company_id, count(*), count(distinct title) from tickets group by 1 order by 1") == [
        (1, 600, 600), (2, 600, 600),
    ]  # fmt: skip
    assert rows("select count(*) from ticket_events where event_type = 'created'") == [(1200,)]
    assert rows("select count(*) from outbox where type = 'ticket.created'") == [(1200,)]
