"""`smart-ticket hdts` on a real RabbitMQ: what it sends arrives, and refused messages are listed and sent again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from eventbus.testing.rabbitmq import temporary_vhost
from external_kit.celery_messages import read_task
from external_kit.external_queue import ExternalQueue
from external_kit.message import ExternalMessage, Refused
from external_kit.refused_messages import NoSuchQueue, check_queue
from launcher.cli import main

from tests.stack import eventually, rabbitmq_url

pytestmark = pytest.mark.rabbitmq

TICKETS = [{"ticket_id": f"HD-{number}", "title": f"Grüße {number}"} for number in range(3)]


@pytest.fixture
def broker() -> Iterator[str]:
    """Give the address of a virtual host of the test's own."""
    with temporary_vhost(rabbitmq_url()) as url:
        yield url


def run(folder: Path, broker: str, *words: str, given: str = "") -> Any:
    done = CliRunner().invoke(
        main, ["--home", str(folder), "hdts", *words, "--queue-url", broker], input=given, env={"HDTS_QUEUE": None}
    )
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize("form", [(), ("--plain",)])
def test_what_is_sent_arrives_and_refused_messages_go_back_one_by_one(
    tmp_path: Path, broker: str, form: tuple[str, ...]
) -> None:
    taken: list[str] = []
    strict = [True]

    def handle(message: ExternalMessage) -> None:
        ticket = read_task(message, message.body, ("ticket_data",)).payload
        if strict[0] and ticket["ticket_id"] != "HD-1":
            raise Refused("priority: is missing")
        taken.append(ticket["ticket_id"])

    queue = ExternalQueue(broker, "TICKET_TASKS_PRODUCTION", handle)
    queue.start()
    try:
        eventually(lambda: is_declared(broker))
        sent = run(tmp_path, broker, "send", "-", *form, given="\n".join(map(json.dumps, TICKETS)))
        assert sent.stdout.endswith("3 sent to TICKET_TASKS_PRODUCTION\n")
        eventually(lambda: len(shown(tmp_path, broker)) == 2)
        assert taken == ["HD-1"]
        first, second = shown(tmp_path, broker)
        assert (first["place"], first["reason"]) == (1, "priority: is missing")
        assert "HD-2" in second["body"]
        assert "priority: is missing" in run(tmp_path, broker, "refused").stdout
        strict[0] = False
        assert run(tmp_path, broker, "refused", "--send-again", "--place", "2").stdout.startswith("1 sent again")
        eventually(lambda: taken == ["HD-1", "HD-2"])
        assert len(shown(tmp_path, broker)) == 1
        assert run(tmp_path, broker, "refused", "--send-again").stdout.startswith("1 sent again")
        eventually(lambda: taken == ["HD-1", "HD-2", "HD-0"])
        assert shown(tmp_path, broker) == []
    finally:
        queue.stop()


@pytest.mark.parametrize("words", [("send", "-"), ("refused",), ("refused", "--send-again")])
def test_a_queue_that_nobody_declared_is_an_error_and_stays_undeclared(
    tmp_path: Path, broker: str, words: tuple[str, ...]
) -> None:
    words = ("--home", str(tmp_path), "hdts", *words, "--queue-url", broker, "--queue", "TICKET_TASKS_PRODUCTON")
    done = CliRunner().invoke(main, words, input=json.dumps(TICKETS))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "there is no queue TICKET_TASKS_PRODUCTON" in done.stderr
    assert not is_declared(broker, "TICKET_TASKS_PRODUCTON")


def is_declared(broker: str, queue: str = "TICKET_TASKS_PRODUCTION") -> bool:
    try:
        check_queue(broker, queue)
    except NoSuchQueue:
        return False
    return True


def shown(folder: Path, broker: str) -> list[dict[str, Any]]:
    lines = run(folder, broker, "refused", "--show").stdout.splitlines()
    # The consumer in this test's process may write its log in between.
    return [json.loads(line) for line in lines if line.startswith("{")]
