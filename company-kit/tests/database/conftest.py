"""A schema like a service's, and companies with rows in all of its tables."""

from collections.abc import Callable

import pytest
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

Fill = Callable[..., None]
Counts = Callable[[int], dict[str, int]]


@pytest.fixture
def desk(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """The schema, emptied."""
    made = service_database("desk", "company_kit.testing.migrations")
    made.clean()
    return made


@pytest.fixture
def fill(desk: ServiceDatabase) -> Fill:
    """Give a function that stores rows of a company in every table."""

    def run(company: int, papers: int = 2) -> None:
        with desk.admin() as connection, connection.cursor() as cursor:
            cursor.execute(
                """
                insert into companies (id) values (%(c)s);
                insert into desks values (%(c)s, 1, 'mine');
                insert into a_drawers values (%(c)s, 1, 1);
                insert into papers (company_id, drawer) select %(c)s, 1 from generate_series(1, %(papers)s);
                insert into desk_log (company_id, desk) values (%(c)s, 1);
                insert into tombstones (company_id, subject) values (%(c)s, '12');
                insert into revisions values (%(c)s, 'desk.watch', 'shop', '12', 'thing.made', 3);
                insert into idempotency_keys (company_id, key, subject, route, request_hash)
                    values (%(c)s, 'k', 's', 'r', 'h');
                insert into outbox (id, company_id, subject, type, revision, body, actor_kind)
                    values (gen_random_uuid(), %(c)s, '12', 'thing.made', 1, '{}', 'person');
                insert into inbox values ('desk.watch', gen_random_uuid(), %(c)s, '12', 'thing.made', now(), now());
                insert into parked (queue, event_id, company_id, body, reason, state)
                    values ('desk.watch', 'x' || %(c)s, %(c)s, 'text', 'why', 'dead');
                insert into audit (company_id, actor_kind, actor, action, record, record_id)
                    values (%(c)s, 'user', 'user:1', 'desk.created', 'desk', '1');
                insert into parked_actions (company_id, parked_id, queue, event_id, action, actor)
                    values (%(c)s, 1, 'desk.watch', 'x', 'replayed', 'user:1');
                """,
                {"c": company, "papers": papers},
            )

    return run


@pytest.fixture
def counts(desk: ServiceDatabase) -> Counts:
    """Give a function that counts a company's rows in each table with `company_id` that has any."""

    def run(company: int) -> dict[str, int]:
        tables = desk.rows(
            "select table_name from information_schema.columns"
            " where table_schema = 'desk' and column_name = 'company_id' order by 1"
        )
        assert len(tables) == 12
        found = {}
        for (table,) in tables:
            ((number,),) = desk.rows(f"select count(*) from {table} where company_id = %s", company)
            if number:
                found[table] = number
        return found

    return run
