"""Nothing has an effect for a company after its end, whatever it is about."""

from typing import Any

from eventbus.bus.memory import MemoryBus
from service_kit.testing.postgres import ServiceDatabase

from .conftest import Build
from .shop import QUEUE, eventually, message, notes, rows, send, subscription


def end_company(kit: ServiceDatabase, company: int) -> None:
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute("insert into tombstones (company_id, subject) values (%s, %s)", (company, f"company:{company}"))


def test_no_event_of_a_deleted_company_has_an_effect(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    end_company(kit, 2)
    build().start()
    send(bus, message(company=2), message(company=1), message("thing.changed", "7", company=2, revision=99))
    eventually(lambda: notes(kit) == ["thing.made 1 1"] and not bus.waiting(QUEUE))
    assert rows(kit, "select company_id from revisions") == [(1,)]


def test_nothing_is_prepared_for_a_deleted_company(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    prepared: list[int] = []

    def prepare(delivery: Any) -> None:
        prepared.append(delivery.envelope.company_id)

    end_company(kit, 2)
    send(bus, message(company=2), message(company=1), message(company=12))
    build(subscription(prepare=prepare)).start()
    eventually(lambda: len(notes(kit)) == 2 and not bus.waiting(QUEUE))
    assert sorted(prepared) == [1, 12]
