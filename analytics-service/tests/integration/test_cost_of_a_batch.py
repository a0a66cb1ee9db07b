"""A batch reads only its own tickets, and a query a few rows, however many tickets there are."""

from datetime import UTC, datetime, timedelta

from analytics_service.store import states
from analytics_service.usecases import dashboard_queries
from service_kit.database.engine import Database
from sqlalchemy import text

from ..conftest import Events, Rows

# The server learns a connection's counts with a delay, so the test takes the difference.
READ = text(
    "select coalesce(idx_tup_fetch, 0) + seq_tup_read from pg_stat_xact_user_tables where relname = 'ticket_state'"
)
READ_OF_ROLLUPS = text("select sum(coalesce(idx_tup_fetch, 0) + seq_tup_read) from pg_stat_xact_user_tables")


def test_a_batch_reads_its_own_tickets_only_also_before_the_first_analyze(database: Database, rows: Rows) -> None:
    # A new table: where rows of other tests were deleted, the planner takes the index to be large and empty.
    rows(
        "truncate ticket_state; "
        "insert into ticket_state (company_id, ticket_id) select 1, n from generate_series(1, 5000) n; select 1"
    )
    with database.session(1) as session, session.begin():
        unflushed = session.execute(READ).scalar_one()
        before = states.lock(session, [(1, n) for n in range(2001, 2101)])
        after = {key: state._replace(created_at=datetime.now(UTC)) for key, state in before.items()}
        states.save(session, before, after)
        assert len(before) == 100
        assert session.execute(READ).scalar_one() - unflushed <= 300


def test_the_dashboard_reads_as_many_rows_for_ten_times_the_tickets(
    events: Events, database: Database, rows: Rows
) -> None:
    events.five_departments()
    minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=5)
    read = []
    for first, last in ((1, 30), (31, 300)):
        for number in range(first, last + 1, 90):
            batch = range(number, min(number + 90, last + 1))
            events.deliver(*(events.make("ticket.created", n, at=minute) for n in batch))
            events.deliver(*(events.make("ticket.routed", n, department="HR") for n in batch))
        with database.session(1) as session, session.begin():
            unflushed = session.execute(READ_OF_ROLLUPS).scalar_one()
            assert dashboard_queries.summary(session, 1)["total_tickets"] == last
            read.append(session.execute(READ_OF_ROLLUPS).scalar_one() - unflushed)
    assert read[1] == read[0] < 50
