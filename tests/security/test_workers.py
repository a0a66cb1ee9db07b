"""A worker acts for the companies of its events only, even where its queries lose their condition on the company."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import smartticket_contracts
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.testing.events import deliver, make_message
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

from tests.architecture.apps import WITH_ROUTES
from tests.security.company_conditions import EVERY_FUNCTION, watched_conditions
from tests.security.isolation import foreign_rows, without_row_level_security
from tests.security.policy import COMPANY, OTHER_COMPANY

CONTRACTS = Contracts.load(smartticket_contracts.folder())
LATER = "ticket-service"
"""It will publish the events that nobody publishes yet."""
PRODUCERS = {kind: service for service in WITH_ROUTES for kind in CONTRACTS.published_by(service)}
FIRST, SECOND = 1, 2
"""The revisions of the other company's events, and of those that follow."""


class Worker:
    """A service's consumers on a database of its own."""

    def __init__(self, service: str, made: ServiceDatabase, folder: Path) -> None:
        self.service, self.made = service, made
        declared = importlib.import_module(f"{WITH_ROUTES[service]}.service").SERVICE
        self.instance = declared.instance(
            declared.read_settings(
                {
                    "SMARTTICKET_ENV": "development",
                    "DATABASE_URL": made.url,
                    "RELAY_DATABASE_URL": made.relay_url,
                    "EMBEDDINGS_MODEL": "none",
                    "QDRANT_URL": "http://127.0.0.1:1",
                    **dict.fromkeys(("FILES_DIR", "MODELS_DIR", "TRAINING_DATA_DIR", "RAG_DATA_DIR"), str(folder)),
                }
            )
        )
        self.subscriptions = self.instance.subscriptions()

    def kinds(self) -> list[str]:
        """Return the events that are applied without slow work before, deletions last."""
        consumers = {kind: each for found in self.subscriptions for kind, each in found.consumers.items()}
        quick = [kind for kind, consumer in consumers.items() if consumer.prepare is None]
        return sorted(quick, key=lambda kind: (kind.endswith(".deleted"), kind))

    def deliver(self, kind: str, company: int, revision: int) -> None:
        """Deliver the contract's example for a company; the ids in it are the same for every company."""
        message = event(kind, company, revision)
        deliver(self.instance.database, CONTRACTS, self.service, self.subscriptions, [message])


def event(kind: str, company: int, revision: int) -> Message:
    """Return an event by its contract's example."""
    subject = "1" if kind.startswith("ticket.") else f"{kind.partition('.')[0]}:{company}:1"
    return make_message(
        CONTRACTS, kind, {}, source=PRODUCERS.get(kind, LATER), subject=subject, company=company, revision=revision
    )


@pytest.fixture(params=sorted(WITH_ROUTES))
def worker(request: Any, service_database: ServiceDatabaseFactory, tmp_path: Path) -> Iterator[Worker]:
    """Each service's consumers, with rows of the other company."""
    package = WITH_ROUTES[request.param]
    schema = importlib.import_module(f"{package}.service").SERVICE.schema
    made = service_database(schema, f"{package}.migrations")
    made.clean()
    started = Worker(request.param, made, tmp_path)
    for kind in started.kinds():
        if not kind.endswith(".deleted"):
            started.deliver(kind, OTHER_COMPANY, FIRST)
    yield started
    started.instance.close()


def affected(worker: Worker) -> tuple[set[str], set[str]]:
    """Deliver all events for one company, without any condition on it.

    Return the events that failed or changed the other company's rows, and the functions that lost their conditions.
    """
    wrong, functions = set(), set()
    with watched_conditions() as conditions:
        for kind in worker.kinds():
            before = foreign_rows(worker.made)
            conditions.seen = set()
            try:
                with conditions.removed(EVERY_FUNCTION):
                    worker.deliver(kind, COMPANY, SECOND)
            except Exception:
                wrong.add(kind)
            functions |= conditions.seen
            if foreign_rows(worker.made) != before:
                wrong.add(kind)
    return wrong, functions


def test_an_event_of_one_company_changes_nothing_of_another(worker: Worker) -> None:
    wrong, functions = affected(worker)
    assert wrong == set()
    assert functions or not worker.kinds()


@pytest.mark.parametrize("worker", ["routing-service", "analytics-service"], indirect=True)
def test_without_row_level_security_the_same_events_would(worker: Worker) -> None:
    with without_row_level_security(worker.made):
        wrong, functions = affected(worker)
    assert "ticket.deleted" in wrong
    assert len(functions) > 1
