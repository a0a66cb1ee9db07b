"""The queue of another help desk where something fails: a database, a process, the messages themselves."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from external_kit.celery_messages import plain_message
from external_kit.message import ExternalMessage
from external_kit.refused_messages import list_refused, publish
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.adapters.hdts_queue import hdts_queue
from ticket_service.metrics import TicketMetrics
from ticket_service.settings import Settings

from ..conftest import Api
from .hdts_sender import COUNT, QUEUE, TASK, TICKET, Consume, Rows, broker, consume, counts, refused
from .test_worker import eventually

__all__ = ["broker", "consume"]

pytestmark = pytest.mark.rabbitmq


def test_messages_wait_while_the_database_is_down_and_none_is_refused(
    broker: str, api: Api, made: ServiceDatabase, read: Callable[..., Settings], rows: Rows
) -> None:
    settings, metrics = read(HDTS_BROKER_URL=broker), Metrics(service.SERVICE.name)
    ticket_metrics = TicketMetrics(metrics)
    tries: list[int] = []

    class Nowhere(Database):
        """A database that is down, and counts who wants it."""

        def session(self, *companies: int) -> Any:
            tries.append(len(tries))
            return super().session(*companies)

    nowhere = Nowhere("postgresql://nobody@127.0.0.1:1/none", schema="ticket")
    queue = hdts_queue(settings.hdts, nowhere, ticket_metrics)
    publish(broker, QUEUE, [plain_message(TICKET)])
    queue.start()
    eventually(lambda: len(tries) > 1)
    queue.stop()
    nowhere.dispose()
    assert counts(metrics) == {}
    assert list_refused(broker, QUEUE, 10) == []
    process = service.SERVICE.instance(settings)
    again = hdts_queue(settings.hdts, process.database, ticket_metrics)
    again.start()
    eventually(lambda: rows(COUNT) == [(1,)])
    again.stop()
    process.close()


KILLED = """
import os, signal, sys
from external_kit import external_queue
from service_kit.telemetry.metrics import Metrics
from ticket_service import service
from ticket_service.adapters.hdts_queue import hdts_queue

process = service.SERVICE.instance(service.SERVICE.read_settings(dict(os.environ)), Metrics("killed"))
queue = hdts_queue(process.settings.hdts, process.database, process.dependencies.metrics)
left, handle = [int(sys.argv[1])], queue._handle

def handle_and_die(message):
    handle(message)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)  # committed, and not acknowledged

queue._handle = handle_and_die
queue.start()
queue._thread.join()
"""


@pytest.mark.slow
def test_a_process_that_is_killed_between_commit_and_acknowledgement_doubles_nothing(
    consume: Consume, broker: str, made: ServiceDatabase, rows: Rows, tmp_path: Path
) -> None:
    messages = [plain_message(TICKET | {"ticket_id": f"HD-{number}"}) for number in range(60)]
    changed = [plain_message(TICKET | {"ticket_id": f"HD-{number}", "title": "Changed"}) for number in range(0, 60, 3)]
    publish(broker, QUEUE, [*messages, *changed])
    environment = {
        "SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url,
        "RABBITMQ_URL": broker, "RUNTIME_DIR": str(tmp_path), "PATH": os.environ["PATH"],
    }  # fmt: skip
    for kills in (1, 13, 30):
        program = [sys.executable, "-c", KILLED, str(kills)]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
    metrics = consume()
    last = plain_message(TICKET | {"ticket_id": str(uuid4())})
    publish(broker, QUEUE, [last])
    eventually(lambda: rows(COUNT) == [(61,)])
    assert rows("select count(*) from outbox where type = 'ticket.created'") == [(61,)]
    assert rows("select count(*) from outbox where type = 'ticket.updated'") == [(20,)]
    assert rows("select count(*) from tickets where title = 'Changed'") == [(20,)]
    assert counts(metrics)["unchanged"] >= 1, "the last one of before was delivered again"
    assert list_refused(broker, QUEUE, 10) == []


HOSTILE = [
    (b"", {}),
    (b"\x80\x04K\x01.", {"task": TASK}),
    (b"[" * 50_000, {"task": TASK}),
    (b"{}", {"compression": "application/x-gzip"}),
    (b'{"ticket_id": "\\ud800"}', {}),
    (b'{"ticket_id": "a\\u0000"}', {}),
    (b"[[], {}, {}]", {"task": TASK, "id": "a\0b"}),
    (b"[[], {}]", {"task": TASK, "eta": "never"}),
    (b"null", {"task": ""}),
    (b"1e999", {}),
    (b"\xff", {"x": {"y": [1, None]}}),
]


def test_hostile_messages_are_refused_and_hold_up_no_other(consume: Consume, broker: str, rows: Rows) -> None:
    publish(broker, QUEUE, [ExternalMessage(body, headers) for body, headers in HOSTILE])
    publish(broker, QUEUE, [ExternalMessage(b"{}", {}, content_type="text/\ud7ff", content_encoding="x" * 200)])
    publish(broker, QUEUE, [plain_message(TICKET)])
    metrics = consume()
    eventually(lambda: rows(COUNT) == [(1,)])
    assert counts(metrics) == {"created": 1, "refused": len(HOSTILE) + 1}
    assert len(refused(broker, len(HOSTILE) + 1)) == len(HOSTILE) + 1
