"""A page reads about as many rows as it shows, however many tickets there are."""

from typing import Any

import pytest
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from ticket_service.domain.enums import Status
from ticket_service.store import listing
from ticket_service.store.listing import Filters

from .test_list import fill

ROWS = 10_000
# The server learns a connection's counts with a delay, so the test takes the difference.
READ = text("select coalesce(idx_tup_fetch, 0) + seq_tup_read from pg_stat_xact_user_tables where relname = 'tickets'")


@pytest.fixture
def database(made: ServiceDatabase) -> Any:
    """A filled database."""
    fill(made, ROWS)
    database = Database(made.url, schema="ticket", relay_url=made.relay_url)
    yield database
    database.dispose()


@pytest.mark.parametrize("before", [None, ROWS])
@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(status=[Status.PENDING]),
        Filters(department=["HR"]),
        Filters(department=["HR"], status=[Status.CLOSED]),
        Filters(department=["HR", "Finance"], status=[Status.PENDING, Status.CLOSED]),
        Filters(team=["Nobody"]),
        Filters(team_id=[7]),
        Filters(customer_id=["nobody"]),
        Filters(requester=["nobody@example.org"]),
        Filters(need_admin=True),
    ],
    ids=str,
)
def test_a_page_reads_no_more_rows_in_a_large_table(database: Database, filters: Filters, before: int | None) -> None:
    with database.session(1) as session, session.begin():
        unflushed = session.execute(READ).scalar_one()
        listing.page(session, 1, filters, before=before, limit=25)
        assert session.execute(READ).scalar_one() - unflushed <= 1_000
