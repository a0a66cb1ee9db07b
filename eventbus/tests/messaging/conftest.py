"""One small service, `shop`, that publishes `thing.*` and consumes it again, on a real database and the memory bus."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.contracts import Contracts
from eventbus.publish import outbox
from eventbus.publish.wakeup import socket_path, wake
from eventbus.worker import Worker
from service_kit.database.engine import Database
from service_kit.service_settings import ServiceSettings
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

from .shop import contracts_of_shop, settings_of_shop, subscription

Build = Callable[..., Worker]


@pytest.fixture
def kit(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The schema, emptied."""
    made = service_database("kit", "service_kit.testing.migrations")
    made.clean()
    return made


@pytest.fixture
def contracts() -> Contracts:
    """The contracts of `shop`."""
    return contracts_of_shop()


@pytest.fixture
def database(kit: ServiceDatabase, contracts: Contracts) -> Iterator[Database]:
    """The service's way into its schema."""
    made = Database(kit.url, schema="kit", relay_url=kit.relay_url, pool_size=10)
    outbox.connect(made, contracts)
    yield made
    made.dispose()


@pytest.fixture
def bus(contracts: Contracts) -> MemoryBus:
    """A bus on which the queues are declared."""
    return MemoryBus(contracts.deployed_queues())


@pytest.fixture
def settings(kit: ServiceDatabase, tmp_path: Path) -> ServiceSettings:
    """The settings of `shop`."""
    return settings_of_shop(kit, str(tmp_path))


@pytest.fixture
def build(settings: ServiceSettings, database: Database, bus: MemoryBus, contracts: Contracts) -> Iterator[Build]:
    """Make workers of `shop`, which are stopped after the test; `components` replaces attributes of its class."""
    made: list[Worker] = []

    def make(*subscriptions: Any, **options: Any) -> Worker:
        given: Sequence[Any] = subscriptions or [subscription()]
        worker_type: type[Worker] = type("ShopWorker", (Worker,), options.pop("components", {}))
        own = options.pop("database", database)
        outbox.connect(own, contracts, partial(wake, socket_path(settings)))
        worker = worker_type(settings, own, bus, contracts, given, **options)
        made.append(worker)
        return worker

    yield make
    for worker in made:
        assert worker.stop(60)
