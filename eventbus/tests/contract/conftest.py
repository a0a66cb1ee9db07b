"""One suite, every bus. A test that asks for `world` runs on each, one that asks for `broker` not on the memory bus."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from eventbus.bus.postgres import install
from init_db.provision import admin_connection
from init_db.testing.databases import temporary_database
from service_kit.testing.fixtures import ServiceDatabaseFactory

from ..messaging.shop import QUEUE
from .shop_on_a_bus import Shop, rows_changed
from .worlds import MemoryWorld, PostgresWorld, RabbitWorld, World

BUSES = [pytest.param("rabbitmq", marks=pytest.mark.rabbitmq), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def bus_worlds(request: pytest.FixtureRequest) -> Iterator[dict[str, World]]:
    """The worlds made so far, each at its first use."""
    with ExitStack() as stack:
        request.config.stash[STACK] = stack
        yield {}


STACK = pytest.StashKey[ExitStack]()


def _world(kind: str, request: pytest.FixtureRequest, made: dict[str, World]) -> World:
    if kind not in made:
        stack = request.config.stash[STACK]
        if kind == "rabbitmq":
            made[kind] = RabbitWorld(request.getfixturevalue("rabbitmq_vhost"))
        else:
            url = request.getfixturevalue("admin_url")
            made[kind] = PostgresWorld(*stack.enter_context(temporary_database(url)))
    return made[kind]


@pytest.fixture(params=[*BUSES, "memory"])
def world(request: pytest.FixtureRequest, bus_worlds: dict[str, World]) -> Iterator[World]:
    """Every bus in turn, empty."""
    given = MemoryWorld() if request.param == "memory" else _world(request.param, request, bus_worlds)
    yield given
    given.clean()


@pytest.fixture(params=BUSES)
def broker(request: pytest.FixtureRequest, bus_worlds: dict[str, World]) -> Iterator[World]:
    """Every bus that outlives a process, in turn, empty."""
    given = _world(request.param, request, bus_worlds)
    yield given
    given.clean()


@pytest.fixture
def postgres_world(request: pytest.FixtureRequest, bus_worlds: dict[str, World]) -> Iterator[PostgresWorld]:
    """The bus inside PostgreSQL, for what only it promises."""
    given = _world("postgres", request, bus_worlds)
    assert isinstance(given, PostgresWorld)
    yield given
    given.clean()


@pytest.fixture(params=BUSES)
def shop(
    request: pytest.FixtureRequest,
    service_database: ServiceDatabaseFactory,
    tmp_path: Path,
) -> Iterator[Shop]:
    """`shop` on each bus, empty."""
    kit = service_database("kit", "service_kit.testing.migrations")
    kit.clean()
    if request.param == "rabbitmq":
        address = request.getfixturevalue("rabbitmq_vhost")
    else:
        address = kit.url
        with admin_connection(kit.admin_url) as connection:
            install(connection, {"shop": kit.roles}, prefix=kit.prefix)
        rows_changed(kit, "truncate bus.queue, bus.binding, bus.message, bus.refill")
    made = Shop(request.param, kit, tmp_path, address)
    yield made
    made.close()
    if request.param == "rabbitmq":
        world = RabbitWorld(address, ["shop"])
        world.names.add(QUEUE)
        world.clean()
