"""A whole service in one file, run as a program by test_serve: `python one_service.py`."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import smartticket_contracts
from eventbus.consumer import Consumer
from eventbus.contracts import Contracts
from eventbus.subscription import Delivery
from flask import Response
from operations_kit.service import Service
from service_kit import serve
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import public
from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME, SCHEMA, PORT = "ai-service", "kit", 0

slow = Blueprint("slow", __name__)


@slow.get("/slow")
@public
def wait() -> Response:
    """Take a second."""
    time.sleep(1)
    return json_response({"waited": 1})


@dataclass(frozen=True)
class Anything:
    """Needs no field of any event."""


def read_settings(mapping: Mapping[str, str]) -> ServiceSettings:
    reader = Reader(mapping)
    settings = ServiceSettings(**read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT))
    reader.finish()
    return settings


def ignore(_session: Any, _deliveries: Sequence[Delivery[Anything]], _deps: object) -> None:
    """Have no effect."""


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=lambda _settings, _database, _metrics: None,
    blueprints=[slow],
    consumers=[
        Consumer(queue.patterns, view=Anything, apply=ignore, queue=queue.name.partition(".")[2])
        for queue in Contracts.load(smartticket_contracts.folder()).queues(NAME)
    ],
)

if __name__ == "__main__":
    serve.main(SERVICE)
