"""The queue of another help desk, and its consumer."""

from collections.abc import Callable, Iterator
from typing import Any

import pika
import pytest
from external_kit.channels import dead_letter_queue
from external_kit.refused_messages import list_refused
from service_kit.telemetry.metrics import Metrics
from ticket_service import service
from ticket_service.adapters.hdts_queue import hdts_queue
from ticket_service.settings import Settings

from ..conftest import Api
from .test_worker import eventually

Consume = Callable[..., Metrics]
Rows = Callable[..., list[tuple[Any, ...]]]
QUEUE = "TICKET_TASKS_PRODUCTION"
TASK = "tickets.tasks.receive_ticket"
TICKET: dict[str, Any] = {
    "ticket_id": "HD-1", "title": "Laptop startet nicht 🙁", "category": "Hardware", "sub_category": "Laptop",
    "priority": "high", "description": "Es piept dreimal.",
}  # fmt: skip
COUNT = "select count(*) from tickets"


@pytest.fixture
def broker(rabbitmq_vhost: str) -> Iterator[str]:
    """Give the address of a broker from which the queue and its refused messages are deleted after the test."""
    yield rabbitmq_vhost
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_vhost)) as connection:
        for name in (QUEUE, dead_letter_queue(QUEUE)):
            connection.channel().queue_delete(name)


@pytest.fixture
def consume(api: Api, broker: str, read: Callable[..., Settings]) -> Iterator[Consume]:
    """Give a function that begins to consume the queue, instead of an earlier consumer; its arguments are settings."""
    running: list[Callable[[], None]] = []

    def stop() -> None:
        while running:
            running.pop(0)()

    def begin(**changes: str) -> Metrics:
        stop()
        metrics = Metrics(service.SERVICE.name)
        process = service.SERVICE.instance(read(HDTS_BROKER_URL=broker, **changes), metrics)
        queue = hdts_queue(process.settings.hdts, process.database, process.dependencies.metrics)
        queue.start()
        running.extend([queue.stop, process.close])
        return metrics

    yield begin
    stop()


def counts(metrics: Metrics) -> dict[str, int]:
    lines = metrics.render().decode().splitlines()
    found = {
        line.split('"')[1]: int(float(line.split()[-1])) for line in lines if line.startswith("hdts_messages_total{")
    }
    return {result: number for result, number in found.items() if number}


def refused(broker: str, number: int) -> list[str]:
    """Wait for refused messages and return their reasons."""
    found: list[str] = []

    def all_there() -> bool:
        found[:] = [each.reason for each in list_refused(broker, QUEUE, 1_000)]
        return len(found) == number

    eventually(all_there)
    return found
