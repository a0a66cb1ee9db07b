"""A whole service in one file, run as a program by test_serve: `python one_service.py`."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import smartticket_contracts
from flask import Flask, Response
from service_kit import serve
from service_kit.database.engine import Database
from service_kit.http.app import service_app
from service_kit.http.blueprint import Blueprint, answer
from service_kit.http.policy import public
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.publish import outbox
from service_kit.messaging.subscription import Delivery, Handler, Subscription
from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader
from service_kit.telemetry.metrics import Metrics

NAME = "ai-service"
SCHEMA = "kit"
PORT = 0


@dataclass(frozen=True)
class Anything:
    """Needs no field of any event."""


def read_settings(mapping: Mapping[str, str]) -> ServiceSettings:
    reader = Reader(mapping)
    settings = ServiceSettings(**read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT))
    reader.finish()
    return settings


def create_app(settings: ServiceSettings, metrics: Metrics | None = None, worker_status: Any = None) -> Flask:
    slow = Blueprint("slow", __name__)

    @slow.get("/slow")
    @public
    def wait() -> Response:
        """Take a second."""
        time.sleep(1)
        return answer({"waited": 1})

    database = Database(settings.database_url, schema=SCHEMA, relay_url=settings.relay_database_url)
    outbox.connect(database, Contracts.load(smartticket_contracts.folder()))
    return service_app(settings, database, [slow], metrics=metrics, worker_status=worker_status)


def subscriptions(settings: ServiceSettings, metrics: Metrics | None = None) -> list[Subscription]:
    def ignore(_session: Any, _deliveries: Sequence[Delivery[Anything]]) -> None:
        """Have no effect."""

    return [
        Subscription(queue.name.partition(".")[2], {kind: Handler(Anything, ignore) for kind in queue.patterns})
        for queue in Contracts.load(smartticket_contracts.folder()).queues(NAME)
    ]


if __name__ == "__main__":
    serve.main(sys.modules["__main__"])
