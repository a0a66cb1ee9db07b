"""A batch reads its own tickets and no others, however many there are and whatever the statistics say."""

from routing_service.store import tickets
from service_kit.database.engine import Database
from sqlalchemy import text

from ..conftest import Rows

# The server learns a connection's counts with a delay, so the test takes the difference.
READ = text("select coalesce(idx_tup_fetch, 0) + seq_tup_read from pg_stat_xact_user_tables where relname = 'tickets'")


def test_a_batch_reads_its_own_tickets_only_also_before_the_first_analyze(database: Database, rows: Rows) -> None:
    # A new table: where rows of other tests were deleted, the planner takes the index to be large and empty.
    rows(
        "truncate tickets; "
        "insert into tickets (company_id, ticket_id) select 1, n from generate_series(1, 5000) n; select 1"
    )
    with database.session(1) as session, session.begin():
        unflushed = session.execute(READ).scalar_one()
        before = tickets.lock(session, [(1, n) for n in range(2001, 2101)])
        after = {key: ticket._replace(category="Leave") for key, ticket in before.items()}
        tickets.save(session, before, after, [])
        assert len(before) == 100
        assert session.execute(READ).scalar_one() - unflushed <= 300
