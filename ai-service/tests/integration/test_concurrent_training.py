"""A training is requested while tickets are categorized."""

from concurrent.futures import ThreadPoolExecutor

from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows, World, eventually


def test_a_request_for_a_training_waits_for_a_concurrent_batch_of_tickets(
    world: World, api: Api, made: ServiceDatabase, rows: Rows
) -> None:
    world.ticket(1, "A title")
    world.categorized()
    waits = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with made.admin() as reader, reader.cursor() as cursor, ThreadPoolExecutor(1) as pool:
        reader.autocommit = False
        cursor.execute("update learning set analyses = analyses + 1 where company_id = 1")
        asked = pool.submit(api.call, "POST", "/api/training")
        eventually(lambda: rows(waits) == [(1,)])
        cursor.execute("insert into training_runs (company_id, state, asked_by) values (1, 'waiting', 'threshold')")
        reader.commit()
        assert asked.result().status_code == 409
