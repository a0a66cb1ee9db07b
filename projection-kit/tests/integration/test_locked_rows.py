"""Batches lock rows in one order, and rollups keep up with them."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from projection_kit.changes import together
from projection_kit.locked_rows import Key, LockedRows
from projection_kit.rollup import Rollup
from service_kit.database.engine import Database
from service_kit.database.statements import run
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text

pytestmark = pytest.mark.postgres

SECONDS = 180


class Item(NamedTuple):
    company_id: int
    number: int
    name: str = "new"
    amount: int = 0


ITEMS = LockedRows(
    "items",
    Item,
    types={"company_id": "int", "number": "bigint", "amount": "int"},
    columns={"amount": "pieces"},
)
NAMES = Rollup("names", key={"company_id": "int", "name": "text"}, counts=("items", "pieces"))
FEW = Rollup("names", key={"company_id": "int", "name": "text"}, counts=("items", "pieces"), where="d.pieces < 10")


@pytest.fixture
def shop(kit: ServiceDatabase) -> Iterator[Database]:
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "create table items (company_id int, number bigint, name text not null default 'new',"
            " pieces int not null default 0, primary key (company_id, number));"
            "create table names (company_id int, name text, items bigint, pieces bigint,"
            " primary key (company_id, name));"
            f"grant select, insert, update on items, names to {kit.roles.app}"
        )
    made = Database(kit.url, schema="kit", pool_size=6)
    yield made
    made.dispose()
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute("drop table items, names")


def add_pieces(database: Database, keys: list[Key], name: str) -> None:
    """Add a piece to each item and change the rollup by the difference."""
    with database.session(1, 2) as session, session.begin():
        before = ITEMS.lock(session, keys)
        after = [item._replace(name=name, amount=item.amount + 1) for item in before.values()]
        differences: dict[tuple[int, str], list[int]] = {}
        for items, sign in ((before.values(), -1), (after, 1)):
            for item in items:
                if item.amount:
                    counts = differences.setdefault((item.company_id, item.name), [0, 0])
                    counts[0] += sign
                    counts[1] += sign * item.amount
        run(session, *together([ITEMS.save(after), NAMES.add(differences)]))


def test_missing_rows_are_inserted_and_all_are_returned_as_they_are(shop: Database, kit: ServiceDatabase) -> None:
    add_pieces(shop, [(1, 7)], '"quoted" \\ {name}')
    with shop.session(1, 2) as session, session.begin():
        assert ITEMS.lock(session, []) == {}
        assert ITEMS.lock(session, [(2, 7), (1, 7), (1, 3), (1, 7)]) == {
            (1, 3): Item(1, 3),
            (1, 7): Item(1, 7, '"quoted" \\ {name}', 1),
            (2, 7): Item(2, 7),
        }
    assert kit.rows("select * from names") == [(1, '"quoted" \\ {name}', 1, 1)]


def test_a_locked_row_that_does_not_change_is_not_written(shop: Database, kit: ServiceDatabase) -> None:
    add_pieces(shop, [(1, 7)], "first")
    before = kit.rows("select ctid, xmin from items")
    with shop.session(1) as session, session.begin():
        ITEMS.lock(session, [(1, 7)])
    assert kit.rows("select ctid, xmin from items") == before


def test_differences_that_the_condition_rejects_are_dropped(shop: Database, kit: ServiceDatabase) -> None:
    with shop.session(1) as session, session.begin():
        run(session, *together([FEW.add({(1, "many"): (1, 10), (1, "few"): (1, 9)})]))
    assert kit.rows("select * from names") == [(1, "few", 1, 9)]


def test_batches_in_opposite_orders_neither_deadlock_nor_lose_a_count(shop: Database, kit: ServiceDatabase) -> None:
    keys = [(company, number) for company in (1, 2) for number in range(1, 13)]
    chosen = [random.Random(seed).sample(keys, 8) for seed in range(120)]
    batches = [sorted(some, reverse=seed % 2 == 0) for seed, some in enumerate(chosen)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda some: add_pieces(shop, some, random.choice("abc")), batches))
    assert kit.rows("select sum(pieces) from items") == [(120 * 8,)]
    counted = "select company_id, name, count(*), sum(pieces) from items group by 1, 2 order by 1, 2"
    assert kit.rows("select * from names where items > 0 order by 1, 2") == kit.rows(counted)


def test_a_batch_that_waited_for_new_rows_locks_them_in_order(shop: Database, kit: ServiceDatabase) -> None:
    add_pieces(shop, [(1, 2)], "there")
    with ThreadPoolExecutor(2) as pool, shop.session(1) as first, shop.session(1) as third:
        ITEMS.lock(first, [(1, 1)])
        ITEMS.lock(third, [(1, 3)])
        waits_for_both = pool.submit(add_pieces, shop, [(1, 3), (1, 2), (1, 1)], "all")
        wait_until_waiting(kit, for_session=pid(first), sessions=1)
        first.commit()
        wait_until_waiting(kit, for_session=pid(third), sessions=1)
        # The rows 1 and 2 are visible to this batch: were row 1 free, it would lock it and then wait for row 2.
        comes_later = pool.submit(add_pieces, shop, [(1, 2), (1, 1)], "two")
        wait_until_waiting(kit, for_session=None, sessions=2)
        third.commit()
        waits_for_both.result(SECONDS)
        comes_later.result(SECONDS)
    assert kit.rows("select number, pieces from items order by number") == [(1, 2), (2, 3), (3, 1)]


def pid(session: object) -> int:
    """Return the PostgreSQL process of a session."""
    return int(session.execute(text("select pg_backend_pid()")).scalar_one())  # type: ignore[attr-defined]


def wait_until_waiting(kit: ServiceDatabase, *, for_session: int | None, sessions: int) -> None:
    """Return when so many sessions wait for a lock, of the session `for_session` if it is given."""
    query = (
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        " and (%s is null or %s = any(pg_blocking_pids(pid)))"
    )
    end = time.monotonic() + SECONDS
    while kit.rows(query, for_session, for_session) != [(sessions,)]:
        assert time.monotonic() < end
        time.sleep(0.01)
