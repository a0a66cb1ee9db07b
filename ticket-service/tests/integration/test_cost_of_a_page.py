"""A page reads about as many rows as it shows, however many tickets there are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from ticket_service.domain.enums import Status
from ticket_service.store import listing
from ticket_service.store.listing import Filters
from ticket_service.store.sorting import EARLIEST_DUE_FIRST, NEWEST_FIRST, Place, Sort

from .test_list import fill

ROWS = 10_000
MOST_ROWS = 1_000
# The server learns a connection's counts with a delay, so the test takes the difference.
READ = text("select coalesce(idx_tup_fetch, 0) + seq_tup_read from pg_stat_xact_user_tables where relname = 'tickets'")


PAGES: list[tuple[Filters, Sort]] = [
    *(
        (filters, NEWEST_FIRST)
        for filters in (
            Filters(),
            Filters(status=[Status.PENDING]),
            Filters(department=["HR"]),
            Filters(department=["HR"], status=[Status.CLOSED]),
            Filters(department=["HR", "Finance"], status=[Status.PENDING, Status.CLOSED]),
            Filters(team=["Nobody"]),
            Filters(team_id=[7]),
            Filters(assignee=["nobody@example.org"]),
            Filters(customer_id=["nobody"]),
            Filters(requester=["nobody@example.org"]),
            Filters(need_admin=True),
        )
    ),
    *((filters, EARLIEST_DUE_FIRST) for filters in (Filters(), Filters(status=[Status.PENDING, Status.IN_PROGRESS]))),
]


@pytest.fixture
def database(made: ServiceDatabase) -> Any:
    """A filled database."""
    fill(made, ROWS)
    with made.admin() as connection, connection.cursor() as cursor:
        # Without triggers: the audit of ten thousand changes isn't what is measured.
        cursor.execute("set session_replication_role = replica")
        cursor.execute("update tickets set due = timestamptz '2026-11-30 09:00Z' + id * interval '1 second'")
        cursor.execute("vacuum analyze tickets")
    database = Database(made.url, schema="ticket", relay_url=made.relay_url)
    yield database
    database.dispose()


def test_a_page_reads_no_more_rows_in_a_large_table(database: Database) -> None:
    """One test of all pages, because the table takes long to fill."""
    read = {}
    for filters, sort in PAGES:
        later: Place = (ROWS,) if sort is NEWEST_FIRST else (datetime(2026, 11, 30, 10, tzinfo=UTC), ROWS)
        for after in (None, later):
            read[str((filters, sort, after))] = rows_read(database, filters, sort, after)
    assert len(read) == 2 * len(PAGES)
    assert {page: rows for page, rows in read.items() if rows > MOST_ROWS} == {}


def rows_read(database: Database, filters: Filters, sort: Sort, after: Place | None) -> int:
    with database.session(1) as session, session.begin():
        unflushed = session.execute(READ).scalar_one()
        listing.page(session, 1, filters, sort=sort, after=after, limit=25)
        return int(session.execute(READ).scalar_one() - unflushed)
